// Shows the document of its page with Swagger UI. Requests go to the replay, never to a service, with a token for it.
const openapi = JSON.parse(document.getElementById("openapi").textContent);
openapi.servers = [{ url: "http://127.0.0.1:8010", description: "The replay server" }];
const ui = SwaggerUIBundle({
  spec: openapi,
  domNode: document.getElementById("console"),
  tryItOutEnabled: true,
  validatorUrl: null,
  onComplete: () => {
    for (const [name, scheme] of Object.entries(openapi.components?.securitySchemes ?? {})) {
      if (scheme["x-auth"]?.method === "token") ui.preauthorizeApiKey(name, "not-a-real-token");
    }
  },
});
