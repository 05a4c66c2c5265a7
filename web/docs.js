// Starts Swagger UI on the description that this very server prints. A file of its own, because the page's
// Content-Security-Policy allows no inline script; no validator, because the page must make no foreign request.
'use strict';

// Where this page came from is where its calls go, also when a proxy serves it below a path or under a name that the
// server does not know: ".../hooks" of ".../hooks/docs#/users".
const HERE = new URL('.', window.location.href).href.replace(/\/$/, '');

const CallsGoWhereThePageCameFrom = () => ({
  statePlugins: {
    spec: {
      wrapActions: {
        updateJsonSpec: (original) => (spec) => original(spec && { ...spec, servers: [{ url: HERE }] }),
      },
    },
  },
});

window.ui = SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#swagger-ui',
  plugins: [CallsGoWhereThePageCameFrom],
  validatorUrl: null,
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  filter: false,
  persistAuthorization: false,
});
