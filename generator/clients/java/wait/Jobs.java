package cloudjobs.wait;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The jobs of one service.
 *
 * @param parameters of the operation, such as `project_id`
 * @param headers further headers of each request; called before each request and after a 401
 * @param transport sends one request; replaced in tests, as the clock is
 */
public record Jobs(Service service, URI baseUrl, Map<String, String> parameters, Supplier<Map<String, String>> headers,
        int maxRetries, Duration requestTimeout, Transport transport, Clock clock) {
    static final ObjectMapper JSON = new ObjectMapper().registerModule(new JavaTimeModule());

    /** A response of any status. */
    public record Reply(int status, HttpHeaders headers, String body) {}

    /** Sends a request. An IOException is a transient failure. */
    public interface Transport {
        Reply send(HttpRequest request) throws IOException, InterruptedException;

        static Transport of(HttpClient client) {
            return request -> {
                var response = client.send(request, HttpResponse.BodyHandlers.ofString());
                return new Reply(response.statusCode(), response.headers(), response.body());
            };
        }
    }

    /** A clock in seconds, and random numbers. */
    public interface Clock {
        double now();

        double random();

        void sleep(double seconds) throws InterruptedException;

        Clock REAL = new Clock() {
            public double now() { return System.nanoTime() / 1e9; }

            public double random() { return Math.random(); }

            public void sleep(double seconds) throws InterruptedException { Thread.sleep((long) (seconds * 1000)); }
        };
    }

    public Jobs(Service service, String baseUrl, Map<String, String> parameters, Map<String, String> headers) {
        this(service, URI.create(baseUrl), parameters, () -> headers, 2, Duration.ofSeconds(60),
                Transport.of(HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build()), Clock.REAL);
    }

    /** Raises IllegalArgumentException if a required parameter is missing. */
    public Jobs {
        for (var each : service.data().get("parameters")) {
            var name = each.get("name").asText();
            var isId = name.equals(service.data().at("/poll/argument").asText());
            if (each.get("required").asBoolean() && !isId && !parameters.containsKey(name)) {
                throw new IllegalArgumentException("parameters must have " + name + ", got " + parameters.keySet());
            }
        }
    }

    /** Returns the snapshot of a job: a model of a client, or JSON. */
    public JobSnapshot snapshot(Object job) {
        return Snapshots.of(JSON.valueToTree(job), service.data().get("job").asText(), service.data().get("jobs"));
    }

    /** Returns the snapshot of a job that succeeded. Raises WaitException for any other result. */
    public JobSnapshot wait(String id, WaitOptions options) {
        if (id == null || id.isEmpty()) throw new IllegalArgumentException("id must be a string with a character, got " + (id == null ? "null" : "''"));
        return new Wait(this, id, options).run();
    }

    static JsonNode parsed(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException error) {
            return JSON.missingNode();
        }
    }
}
