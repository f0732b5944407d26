"use strict";

// Shows the OpenAPI document by Swagger UI. Where the server gives a token, every request is sent with it.
const place = document.getElementById("swagger-ui");

const ui = SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: false, // its links would stand inside of buttons, where no keyboard reaches them
  tryItOutEnabled: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: -1, // each operation shows its own
  syntaxHighlight: false, // it colours by style attributes, too faint for some eyes
  validatorUrl: null,
  onComplete() {
    if (place.dataset.token) ui.preauthorizeApiKey("token", place.dataset.token);
  },
});
