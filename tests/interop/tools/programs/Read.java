import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.function.Function;

/**
 * Reads jobs with the clients that openapi-generator wrote, and prints a JSON object for each.
 *
 * A line of the standard input is a service, the address of its server, and the arguments of its operation.
 */
public class Read {
    public static void main(String[] arguments) throws Exception {
        var output = new ObjectMapper();
        var input = new Scanner(System.in);
        while (input.hasNextLine()) {
            System.out.println(output.writeValueAsString(read(input.nextLine().split(" "))));
        }
    }

    private static Map<String, Object> read(String[] words) throws Exception {
        return switch (words[0]) {
            case "cce" -> cce(words);
            case "ges" -> ges(words);
            case "ief" -> ief(words);
            case "yuanrong" -> yuanrong(words);
            default -> throw new IllegalArgumentException("unknown service " + words[0]);
        };
    }

    private static Map<String, Object> cce(String[] words) throws Exception {
        var client = new stock.cce.ApiClient();
        client.updateBaseUri(words[1]);
        client.setRequestInterceptor(request -> request.header("X-Auth-Token", "x"));
        try {
            var job = new stock.cce.JobsApi(client).getJob(words[2], words[3]);
            var values = new LinkedHashMap<String, Object>();
            values.put("id", job.getMetadata().getUid());
            values.put("state", plain(job.getStatus().getPhase()));
            values.put("reason", job.getStatus().getReason());
            values.put("type", plain(job.getSpec().getType()));
            values.put("created", job.getMetadata().getCreationTimestamp());
            values.put("children", each(job.getSpec().getSubJobs(), child -> child.getStatus() == null ? null : plain(child.getStatus().getPhase())));
            return values;
        } catch (stock.cce.ApiException error) {
            return error(error.getCode(), error.getResponseBody(), error);
        }
    }

    private static Map<String, Object> ges(String[] words) throws Exception {
        var client = new stock.ges.ApiClient();
        client.updateBaseUri(words[1]);
        client.setRequestInterceptor(request -> request.header("X-Auth-Token", "x"));
        try {
            var list = new stock.ges.JobsApi(client).listJobs(words[2], words[3], null, null);
            var values = new LinkedHashMap<String, Object>();
            values.put("count", list.getJobCount());
            values.put("states", each(list.getJobs(), job -> plain(job.getStatus())));
            values.put("types", each(list.getJobs(), job -> plain(job.getTaskType())));
            values.put("progress", each(list.getJobs(), job -> plain(job.getProgress())));
            values.put("started", each(list.getJobs(), job -> plain(job.getStartTime())));
            values.put("reason", list.getJobs().get(0).getFailReason());
            long file = list.getJobs().get(2).getFiles().get(0).getEdgeFiles().get(0).getStartTime();
            values.put("file", file);
            return values;
        } catch (stock.ges.ApiException error) {
            return error(error.getCode(), error.getResponseBody(), error);
        }
    }

    private static Map<String, Object> ief(String[] words) throws Exception {
        var client = new stock.ief.ApiClient();
        client.updateBaseUri(words[1]);
        client.setRequestInterceptor(request -> request.header("X-Auth-Token", "x"));
        try {
            var job = new stock.ief.JobsApi(client).getBatchJob(words[2], words[3], null);
            var values = new LinkedHashMap<String, Object>();
            values.put("id", job.getJobId());
            values.put("state", plain(job.getStatus()));
            values.put("type", plain(job.getJobType()));
            values.put("created", job.getCreatedAt());
            values.put("updated", job.getStatusLastUpdatedAt());
            values.put("total", job.getTaskTotalCount());
            values.put("tasks", each(job.getTasks(), task -> plain(task.getStatus())));
            return values;
        } catch (stock.ief.ApiException error) {
            return error(error.getCode(), error.getResponseBody(), error);
        }
    }

    private static Map<String, Object> yuanrong(String[] words) throws Exception {
        var client = new stock.yuanrong.ApiClient();
        client.updateBaseUri(words[1]);
        try {
            var job = new stock.yuanrong.JobsApi(client).getJob(words[2]);
            var values = new LinkedHashMap<String, Object>();
            values.put("id", job.getSubmissionId());
            values.put("state", plain(job.getStatus()));
            values.put("type", plain(job.getType()));
            values.put("start", plain(job.getStartTime()));
            values.put("end", plain(job.getEndTime()));
            values.put("exit", job.getDriverExitCode());
            values.put("pid", job.getDriverInfo().getPid());
            values.put("ttl", job.getMetadata() == null ? null : job.getMetadata().get("ttl"));
            return values;
        } catch (stock.yuanrong.ApiException error) {
            return error(error.getCode(), error.getResponseBody(), error);
        }
    }

    private static Map<String, Object> error(int status, String body, Exception error) {
        var values = new LinkedHashMap<String, Object>();
        values.put("status", status);
        // Without a body the client could not read a successful response; its message says why.
        values.put("error", body == null ? String.valueOf(error) : body);
        return values;
    }

    private static <T> List<Object> each(List<T> items, Function<T, Object> value) {
        var values = new ArrayList<Object>();
        if (items != null) {
            items.forEach(item -> values.add(value.apply(item)));
        }
        return values;
    }

    /** Returns the string or number in a value: a class for an anyOf wraps it, and an enum names it. */
    private static Object plain(Object value) {
        if (value == null || value instanceof String || value instanceof Number) {
            return value;
        }
        try {
            var getter = value instanceof Enum ? "getValue" : "getActualInstance";
            return plain(value.getClass().getMethod(getter).invoke(value));
        } catch (ReflectiveOperationException error) {
            throw new IllegalStateException(error);
        }
    }
}
