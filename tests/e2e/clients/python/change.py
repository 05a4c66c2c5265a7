# Changes one member of an endpoint through the generated client, then creates one of two members.
#   change.py BASE_URL ENDPOINT_ID NEW_URL
import sys

from exposee_client import Client
from exposee_client.api.endpoints import create_endpoint, update_endpoint
from exposee_client.models import EndpointChange, EndpointChanged, EndpointCreated, EndpointRequest

base_url, endpoint_id, new_url = sys.argv[1:]
client = Client(base_url=base_url)

changed = update_endpoint.sync(endpoint_id, client=client, body=EndpointChange(timeout_ms=5000))
assert isinstance(changed, EndpointChanged) and changed.timeout_ms == 5000, changed

created = create_endpoint.sync(client=client, body=EndpointRequest(url=new_url, events=["order.paid"]))
assert isinstance(created, EndpointCreated) and created.url == new_url, created
