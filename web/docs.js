// Starts Swagger UI on the description that this very server prints. A file of its own, because the page's
// Content-Security-Policy allows no inline script; no validator, because the page must make no foreign request.
'use strict';

window.ui = SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#swagger-ui',
  validatorUrl: null,
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  filter: false,
  persistAuthorization: false,
});
