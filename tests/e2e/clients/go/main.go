// Changes one member of an endpoint through the generated client, then creates one of two members.
//
//	go run . BASE_URL ENDPOINT_ID NEW_URL
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"exposee.test/clients/exposee"
)

func main() {
	baseURL, id, newURL := os.Args[1], os.Args[2], os.Args[3]
	config := exposee.NewConfiguration()
	config.Servers = exposee.ServerConfigurations{{URL: baseURL}}
	endpoints := exposee.NewAPIClient(config).EndpointsAPI
	ctx := context.Background()

	change := exposee.NewEndpointChange()
	change.SetTimeoutMs(5000)
	changed, _, err := endpoints.UpdateEndpoint(ctx, id).EndpointChange(*change).Execute()
	if err != nil || changed.GetTimeoutMs() != 5000 {
		log.Fatal(fmt.Sprint("change: ", changed, err))
	}

	request := exposee.NewEndpointRequest(newURL, []string{"order.paid"})
	created, _, err := endpoints.CreateEndpoint(ctx).EndpointRequest(*request).Execute()
	if err != nil || created.GetUrl() != newURL {
		log.Fatal(fmt.Sprint("create: ", created, err))
	}
}
