import cloudjobs.wait.JobSnapshot;
import cloudjobs.wait.Jobs;
import cloudjobs.wait.Service;
import cloudjobs.wait.Services;
import cloudjobs.wait.WaitException;
import cloudjobs.wait.WaitOptions;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Runs test vectors with the wait package, and prints a JSON object for each, as tests/client/vectors.py does.
 *
 * Argument: the file with the vectors of all services.
 */
final class Vectors {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] arguments) throws Exception {
        for (var vectors : JSON.readTree(Path.of(arguments[0]).toFile())) {
            var name = vectors.get("service").asText().toUpperCase(Locale.ROOT);
            var service = (Service) Services.class.getField(name).get(null);
            var reader = jobs(service, Map.of(), null, null, 0);
            for (var vector : vectors.get("snapshots")) {
                var body = JSON.readTree(vector.at("/response/body").asText());
                var snapshot = reader.snapshot(body.at(vector.get("job").asText()));
                print(vector, data(vector.has("child") ? snapshot.children().get(vector.get("child").asInt()) : snapshot));
            }
            for (var vector : vectors.get("errors")) {
                print(vector, error(service, vector));
            }
            for (var vector : vectors.get("waits")) {
                print(vector, waited(service, vectors, vector));
            }
        }
    }

    private static void print(JsonNode vector, Map<String, Object> values) throws IOException {
        var line = new LinkedHashMap<String, Object>();
        line.put("name", vector.get("name").asText());
        line.putAll(values);
        System.out.println(JSON.writeValueAsString(line));
    }

    private static Map<String, Object> data(JobSnapshot snapshot) {
        var values = new LinkedHashMap<String, Object>();
        values.put("id", snapshot.id());
        values.put("state", lower(snapshot.state()));
        values.put("progress", snapshot.progress() == null ? null : String.format(Locale.ROOT, "%.6f", snapshot.progress()));
        values.put("started_at", text(snapshot.startedAt()));
        values.put("ended_at", text(snapshot.endedAt()));
        values.put("reason", snapshot.reason());
        values.put("code", snapshot.code());
        values.put("children", snapshot.children().stream().map(Vectors::data).toList());
        return values;
    }

    private static String text(Instant moment) {
        if (moment == null) {
            return null;
        }
        var fraction = moment.getNano() == 0 ? "" : String.format(".%06d", moment.getNano() / 1000);
        return moment.toString().substring(0, 19) + fraction + "+00:00";
    }

    private static String lower(Enum<?> name) {
        return name.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Jobs jobs(
            Service service, Map<String, String> given, Jobs.Transport transport, Jobs.Clock clock, int maxRetries) {
        var parameters = new HashMap<>(given);
        for (var each : service.data().get("parameters")) {
            if (each.get("required").asBoolean()) {
                parameters.putIfAbsent(each.get("name").asText(), "1");
            }
        }
        return new Jobs(service, URI.create("https://service.example.com"), parameters, Map::of, maxRetries,
                Duration.ofSeconds(60), transport, clock == null ? Jobs.Clock.REAL : clock);
    }

    private static Map<String, Object> error(Service service, JsonNode vector) {
        var reply = reply(vector.get("response"), vector.at("/response/body").asText());
        try {
            jobs(service, Map.of(), request -> reply, null, 0).wait("1", WaitOptions.DEFAULT.timeout(Duration.ZERO));
        } catch (WaitException caught) {
            var failure = caught.getCause() instanceof WaitException cause ? cause : caught;
            var values = new LinkedHashMap<String, Object>();
            values.put("code", failure.code);
            values.put("message", failure.serviceMessage);
            values.put("request_id", failure.requestId);
            return values;
        }
        throw new AssertionError("the wait must fail: " + vector);
    }

    private static Jobs.Reply reply(JsonNode step, String body) {
        var headers = new HashMap<String, List<String>>();
        step.path("headers").fields().forEachRemaining(each -> headers.put(each.getKey(), List.of(each.getValue().asText())));
        return new Jobs.Reply(step.get("status").asInt(), HttpHeaders.of(headers, (name, value) -> true), body);
    }

    private static Map<String, Object> waited(Service service, JsonNode vectors, JsonNode vector) {
        var slept = new ArrayList<Double>();
        var states = new ArrayList<String>();
        var requests = new int[1];
        var chance = vector.get("random").asDouble();
        Jobs.Transport transport = request -> {
            var further = vectors.path("further_pages");
            var query = String.valueOf(request.uri().getQuery());
            if (further.isObject() && Arrays.stream(query.split("&"))
                    .anyMatch(each -> each.matches(further.get("parameter").asText() + "=[^0].*"))) {
                return new Jobs.Reply(200, HttpHeaders.of(Map.of(), (name, value) -> true),
                        vectors.get("bodies").get(further.get("body").asText()).toString());
            }
            var step = vector.get("responses").get(Math.min(requests[0]++, vector.get("responses").size() - 1));
            if (requests[0] > 100) {
                throw new AssertionError("the wait does not end");
            }
            if (step.has("fails")) {
                throw new IOException("connection failed");
            }
            var body = step.has("body") ? vectors.get("bodies").get(step.get("body").asText()).toString() : step.get("text").asText();
            return reply(step, body);
        };
        var clock = new Jobs.Clock() {
            public double now() {
                return slept.stream().mapToDouble(each -> each).sum();
            }

            public double random() {
                return chance;
            }

            public void sleep(double seconds) {
                slept.add(seconds);
            }
        };
        var parameters = new HashMap<String, String>();
        vector.get("arguments").fields().forEachRemaining(each -> parameters.put(each.getKey(), each.getValue().asText()));
        var result = new LinkedHashMap<String, Object>();
        try {
            var done = jobs(service, parameters, transport, clock, 2).wait(vector.get("job_id").asText(), options(vector, states));
            result.put("state", lower(done.state()));
        } catch (WaitException caught) {
            result.put("error", lower(caught.kind));
            switch (caught.kind) {
                case JOB_FAILED -> {
                    result.put("state", lower(caught.snapshot.state()));
                    result.put("reason", caught.reason);
                }
                case TIMEOUT -> result.put("state", caught.snapshot == null ? null : lower(caught.snapshot.state()));
                case STATUS -> result.put("status", caught.status);
                default -> { }
            }
        }
        var values = new LinkedHashMap<String, Object>();
        values.put("requests", requests[0]);
        values.put("slept", slept.stream().map(each -> Math.rint(each * 100 + 1e-7) / 100).toList());
        values.put("states", states);
        values.put("result", result);
        return values;
    }

    private static WaitOptions options(JsonNode vector, List<String> states) {
        var options = WaitOptions.DEFAULT.onProgress(snapshot -> states.add(lower(snapshot.state())));
        var given = vector.get("options");
        options = given.has("timeout") ? options.timeout(seconds(given.get("timeout"))) : options;
        options = given.has("poll_interval") ? options.pollInterval(seconds(given.get("poll_interval"))) : options;
        return given.has("not_found_grace") ? options.notFoundGrace(seconds(given.get("not_found_grace"))) : options;
    }

    private static Duration seconds(JsonNode value) {
        return Duration.ofMillis((long) (value.asDouble() * 1000));
    }
}
