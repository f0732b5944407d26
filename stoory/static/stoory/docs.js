"use strict";

// Shows the OpenAPI document by Swagger UI. Where the server gives a token, every request is sent with it.
const place = document.getElementById("swagger-ui");

const ui = SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  validatorUrl: null,
  onComplete() {
    if (place.dataset.token) ui.preauthorizeApiKey("token", place.dataset.token);
  },
});
