import cloudjobs.wait.Jobs;
import cloudjobs.wait.Services;
import cloudjobs.wait.WaitException;
import cloudjobs.wait.WaitOptions;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Waits for the jobs of scenario.toml at a replay server, and prints a JSON object for each.
 *
 * Arguments: the address of the server, and the jobs.
 */
final class Waits {
    public static void main(String[] arguments) throws Exception {
        var jobs = new Jobs(Services.CCE, arguments[0], Map.of("project_id", "p1"), Map.of("X-Auth-Token", "a-token"));
        for (var id : Arrays.asList(arguments).subList(1, arguments.length)) {
            var states = new ArrayList<String>();
            var result = new LinkedHashMap<String, Object>();
            var options = WaitOptions.DEFAULT.timeout(Duration.ofSeconds(id.equals("slow") ? 4 : 120))
                    .pollInterval(Duration.ofMillis(id.equals("slow") ? 1000 : 200))
                    .onProgress(snapshot -> states.add(snapshot.state().name().toLowerCase(Locale.ROOT)));
            try {
                result.put("state", jobs.wait(id, options).state().name().toLowerCase(Locale.ROOT));
            } catch (WaitException error) {
                result.put("error", error.kind.name().toLowerCase(Locale.ROOT).replace('_', '-'));
                if (error.kind == WaitException.Kind.JOB_FAILED) {
                    result.put("reason", error.reason);
                }
            }
            var line = new LinkedHashMap<String, Object>();
            line.put("id", id);
            line.put("states", states);
            line.put("result", result);
            System.out.println(new ObjectMapper().writeValueAsString(line));
        }
    }
}
