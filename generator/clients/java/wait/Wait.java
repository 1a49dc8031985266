package cloudjobs.wait;

import cloudjobs.wait.Jobs.Reply;
import cloudjobs.wait.WaitException.Kind;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** One wait for one job. */
final class Wait {
    private static final Set<Integer> RETRYABLE = Set.of(408, 429, 500, 502, 503, 504);
    private static final double SHORTEST_PAUSE = 0.2, LONGEST_RETRY_AFTER = 60;
    private static final int MOST_FAILURES = 10, MOST_MISSES = 3;
    private static final Pattern NEXT_LINK = Pattern.compile(
            "<([^<>]*)>(?:\\s*;\\s*[^\\s;,=]+=(?:\"[^\"]*\"|[^\\s;,]*))*?\\s*;\\s*rel=\"?next\\b", Pattern.CASE_INSENSITIVE);

    private record Page(int rows, int number, String next) {}

    private final Jobs jobs;
    private final JsonNode service, poll, pages;
    private final String id;
    private final WaitOptions options;
    private final Double ends;
    private final double graceEnds;
    private JobSnapshot snapshot;
    private WaitException lastError;
    private boolean isOver, isLimited;
    /** Whether the service has ever responded. Before that, the address may be wrong. */
    private boolean isConfirmed;
    private int failures, misses;
    private double interval = 1, retryAfter;

    Wait(Jobs jobs, String id, WaitOptions options) {
        this.jobs = jobs;
        this.id = id;
        this.options = options;
        service = jobs.service().data();
        poll = service.get("poll");
        pages = service.get("pages");
        var now = jobs.clock().now();
        ends = options.timeout() == null ? null : Double.valueOf(now + seconds(options.timeout()));
        graceEnds = now + seconds(options.notFoundGrace());
    }

    JobSnapshot run() {
        try {
            while (true) {
                poll();
                if (isOver) break;
                var pause = pause();
                jobs.clock().sleep(pause != null ? pause : left());
                if (pause == null) {
                    var seen = snapshot == null ? "was never seen" : "is " + name(snapshot.state());
                    throw error(Kind.TIMEOUT, "job '" + id + "' " + seen + " after " + options.timeout(), lastError);
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw error(Kind.CANCELLED, "the wait for job '" + id + "' was interrupted; the job continues", interrupted);
        }
        if (snapshot == null || !snapshot.isFinal()) throw lastError;
        if (snapshot.state() != JobState.SUCCEEDED) {
            var child = failedChild(snapshot);
            var reason = snapshot.reason() == null && child != null ? child.reason() : snapshot.reason();
            var text = "job '" + id + "' ended as " + name(snapshot.state()) + ": " + Objects.requireNonNullElse(reason, "no reason given");
            var failure = error(Kind.JOB_FAILED, snapshot.code() == null ? text : text + " (" + snapshot.code() + ")", null);
            failure.failedChild = child;
            failure.reason = reason;
            failure.code = snapshot.code();
            throw failure;
        }
        return snapshot;
    }

    private void poll() throws InterruptedException {
        var page = pages.isNull() ? null : new Page(0, pages.get("first").asInt(), null);
        var listed = new HashSet<String>();
        while (true) {
            JsonNode body, found;
            Reply reply;
            try {
                reply = call(page);
                body = decoded(reply);
                found = find(body, reply.status());
            } catch (WaitException error) {
                lastError = error;
                retryAfter = 0;
                if (error.kind == Kind.NOT_FOUND) onMissing(error); else onError(error);
                return;
            }
            isConfirmed = true;
            lastError = null;
            failures = 0;
            retryAfter = Math.min(Objects.requireNonNullElse(retryAfter(reply.headers()), 0.0), LONGEST_RETRY_AFTER);
            if (found != null) {
                onJob(found, poll.get("statuses").path(String.valueOf(reply.status())));
                return;
            }
            var isAddressed = poll.get("url").asBoolean() || !(poll.get("argument").asText() + poll.get("body").asText()).isEmpty();
            if (page == null || poll.get("items").isNull() || isAddressed) break;
            var ids = Snapshots.stream(Snapshots.valueAt(body, poll.get("items")))
                    .map(row -> Snapshots.scalarText(Snapshots.valueAt(row, poll.get("match")))).toList();
            page = nextPage(page, body, reply.headers(), ids.size());
            // A page without a new row is the last one, or the service ignores the parameters of a page.
            if (page == null || !listed.addAll(ids.stream().filter(Objects::nonNull).toList())) break;
        }
        var missing = error(Kind.NOT_FOUND, "the response has no job '" + id + "'", null);
        missing.status = 200;
        onMissing(missing);
    }

    /** Returns the job in a response; null if it has none. */
    private JsonNode find(JsonNode body, int status) {
        if (poll.get("statuses").has(String.valueOf(status))) return body;
        if (!poll.get("items").isNull()) {
            return Snapshots.stream(Snapshots.valueAt(body, poll.get("items"))).filter(row -> row.isObject()
                    && id.equals(Snapshots.scalarText(Snapshots.valueAt(row, poll.get("match"))))).findFirst().orElse(null);
        }
        var found = Snapshots.valueAt(body, poll.get("job"));
        if (!found.isObject()) return null;
        var job = service.get("job");
        var other = job.isNull() || poll.get("url").asBoolean() ? null : jobs.snapshot(found).id();
        if (other == null || normal(other).equals(normal(id))) return found;
        throw error(Kind.INVALID_RESPONSE, "the response must be of job '" + id + "', got job '" + other + "'", null);
    }

    private Page nextPage(Page page, JsonNode body, HttpHeaders headers, int count) {
        var rows = page.rows() + count;
        var total = pages.get("total").isNull() ? null : Snapshots.valueAt(body, pages.get("total"));
        var more = pages.get("more").isNull() ? null : Snapshots.valueAt(body, pages.get("more"));
        if (total != null && total.isInt() && rows >= total.asInt() || more != null && more.isBoolean() && !more.asBoolean()) {
            return null;
        }
        var place = pages.get("next");
        if (place.isNull()) return count > 0 ? new Page(rows, page.number() + 1, null) : null;
        var next = place(place, body, headers);
        if (next != null && place.path("header").asText().equalsIgnoreCase("Link")) {
            var match = NEXT_LINK.matcher(next);
            next = match.find() ? match.group(1) : null;
        }
        if (next != null && pages.get("token").asText().isEmpty()) {
            var url = url(page).resolve(next);
            // Never send credentials to another host.
            next = url.getScheme().equals(jobs.baseUrl().getScheme()) && url.getAuthority().equals(jobs.baseUrl().getAuthority())
                    ? url.toString() : null;
        }
        return next == null || next.equals(page.next()) ? null : new Page(rows, page.number() + 1, next);
    }

    private void onJob(JsonNode job, JsonNode stated) {
        var before = snapshot;
        var now = !service.get("job").isNull() && job.isObject() ? jobs.snapshot(job)
                : new JobSnapshot(poll.get("url").asBoolean() ? null : id, JobState.UNKNOWN, null, null, null, null, null, List.of(), job);
        if (stated.isTextual()) {
            var state = Snapshots.state(stated);
            now = now.with(now.id(), state, state == JobState.SUCCEEDED ? Double.valueOf(1) : now.progress(), now.children());
        }
        snapshot = before == null ? now : withMonotonicProgress(before, now);
        misses = 0;
        isOver = snapshot.isFinal();
        if (before == null || !compared(before).equals(compared(snapshot))) options.onProgress().accept(snapshot);
    }

    private void onError(WaitException error) {
        failures++;
        var isTransient = error.kind != Kind.STATUS || RETRYABLE.contains(error.status);
        var isDeadline = isLimited && error.getCause() == null;
        var mostFailures = isConfirmed || error.kind != Kind.CONNECTION || isDeadline ? MOST_FAILURES : 0;
        isOver = !isTransient || failures > mostFailures;
        retryAfter = Math.min(Objects.requireNonNullElse(error.retryAfter, 0.0), LONGEST_RETRY_AFTER);
    }

    private void onMissing(WaitException error) {
        lastError = error;
        misses++;
        // A job that was seen may be missing for some polls: a replica can be behind.
        isOver = jobs.clock().now() >= graceEnds && (snapshot == null || misses > MOST_MISSES);
    }

    /** Returns the seconds until the next poll; null if there is no time for one. */
    private Double pause() {
        var chance = jobs.clock().random();
        var pause = interval * (1 - 0.25 * chance);
        if (options.pollInterval() != null || poll.get("interval").isNumber()) {
            pause = options.pollInterval() == null ? poll.get("interval").asDouble() : seconds(options.pollInterval());
        }
        if (failures > 0 && !isConfirmed) {
            pause = backoff(failures - 1, chance);
        } else if (options.pollInterval() == null && retryAfter >= SHORTEST_PAUSE && failures == 0) {
            pause = retryAfter;
        }
        interval = Math.min(interval * 1.5, 30);
        pause = Math.max(pause, Math.max(retryAfter, SHORTEST_PAUSE));
        if (ends == null || pause < left()) return pause;
        // Rather than sleep until the timeout, poll once more shortly before it.
        var last = left() - 1;
        return last >= Math.max(SHORTEST_PAUSE, retryAfter) ? Double.valueOf(last) : null;
    }

    private double left() { return Math.max(0, ends - jobs.clock().now()); }

    private Reply call(Page page) throws InterruptedException {
        // A wait with a timeout of 0 polls once.
        var deadline = ends != null && left() > 0 ? ends : null;
        isLimited |= deadline != null;
        var renewed = false;
        for (var attempt = 0; ; attempt++) {
            Reply reply = null;
            WaitException failure;
            try {
                var headers = jobs.headers().get();
                reply = jobs.transport().send(request(page, headers, deadline));
                if (reply.status() == 401 && !renewed) {
                    renewed = true;
                    var again = jobs.headers().get();
                    reply = again.equals(headers) ? reply : jobs.transport().send(request(page, again, deadline));
                }
                isConfirmed = true;
                if (reply.status() >= 200 && reply.status() < 300) return reply;
                failure = statusError(reply);
            } catch (IOException error) {
                failure = error(Kind.CONNECTION, "no response: " + error, error);
            }
            if (reply != null && !RETRYABLE.contains(reply.status()) || attempt >= jobs.maxRetries()) throw failure;
            var asked = Math.min(Objects.requireNonNullElse(failure.retryAfter, 0.0), LONGEST_RETRY_AFTER);
            var pause = Math.max(asked, backoff(attempt, jobs.clock().random()));
            var isLate = deadline != null && jobs.clock().now() + pause >= deadline;
            if (isLate) throw error(Kind.CONNECTION, "no response before the end of the wait", null);
            jobs.clock().sleep(pause);
        }
    }

    private URI url(Page page) {
        if (poll.get("url").asBoolean()) return jobs.baseUrl().resolve(id);
        var token = pages.path("token").asText();
        if (page != null && page.next() != null && token.isEmpty()) return URI.create(page.next());
        var given = new LinkedHashMap<>(jobs.parameters());
        given.put(poll.get("argument").asText(), id);
        if (page != null && page.next() != null) {
            given.put(token, page.next());
        } else if (page != null && page.rows() > 0) {
            var offset = pages.get("offset").asText();
            given.put(offset + pages.get("page").asText(), String.valueOf(offset.isEmpty() ? page.number() : page.rows()));
        }
        var path = service.get("path").asText();
        var query = new StringBuilder();
        for (var each : service.get("parameters")) {
            var name = each.get("name").asText();
            if (given.containsKey(name)) {
                path = path.replace("{" + name + "}", encoded(given.get(name)));
                query.append(each.get("in").asText().equals("query") ? "&" + encoded(name) + "=" + encoded(given.get(name)) : "");
            }
        }
        return URI.create(jobs.baseUrl().toString().replaceFirst("/+$", "") + path + query.toString().replaceFirst("&", "?"));
    }

    private HttpRequest request(Page page, Map<String, String> headers, Double deadline) {
        var left = deadline == null ? Double.MAX_VALUE : Math.max(0.001, deadline - jobs.clock().now());
        var milliseconds = (long) Math.min(jobs.requestTimeout().toMillis(), left * 1000 + 1);
        var request = HttpRequest.newBuilder(url(page)).timeout(Duration.ofMillis(milliseconds)).setHeader("Accept", "application/json");
        service.get("headers").fields().forEachRemaining(each -> request.setHeader(each.getKey(), each.getValue().asText()));
        for (var each : service.get("parameters")) {
            var value = jobs.parameters().get(each.get("name").asText());
            if (each.get("in").asText().equals("header") && value != null) {
                request.setHeader(each.get("name").asText(), value);
            }
        }
        headers.forEach(request::setHeader);
        var field = poll.get("body").asText();
        if (field.isEmpty()) {
            return request.method(service.get("method").asText(), HttpRequest.BodyPublishers.noBody()).build();
        }
        var body = Jobs.JSON.createObjectNode().set(field, Jobs.JSON.valueToTree(poll.get("bodyIsList").asBoolean() ? List.of(id) : id));
        request.setHeader("Content-Type", "application/json");
        return request.method(service.get("method").asText(), HttpRequest.BodyPublishers.ofString(body.toString())).build();
    }

    private JsonNode decoded(Reply reply) {
        var body = Jobs.parsed(reply.body());
        if (!body.isContainerNode() && !poll.get("statuses").has(String.valueOf(reply.status()))) {
            throw error(Kind.INVALID_RESPONSE, "the body of status " + reply.status() + " must be a JSON object", null);
        }
        return body;
    }

    private WaitException statusError(Reply reply) {
        var body = Jobs.parsed(reply.body());
        var errors = service.get("errors");
        var code = field(errors.get("code"), body, reply.headers());
        var message = body.isTextual() ? body.asText() : field(errors.get("message"), body, reply.headers());
        var failure = error(reply.status() == 404 ? Kind.NOT_FOUND : Kind.STATUS,
                "status " + reply.status() + ": " + (code == null && message == null ? "no explanation" : code + " " + message), null);
        failure.status = reply.status();
        failure.code = code;
        failure.serviceMessage = message;
        failure.requestId = field(errors.get("requestId"), body, reply.headers());
        failure.retryAfter = retryAfter(reply.headers());
        return failure;
    }

    private WaitException error(Kind kind, String text, Throwable cause) {
        var operation = service.get("service").asText() + "." + service.get("operation").asText();
        return new WaitException(kind, operation + ": " + text, snapshot, cause);
    }

    private static String field(JsonNode places, JsonNode body, HttpHeaders headers) {
        return Snapshots.stream(places).map(each -> place(each, body, headers)).filter(Objects::nonNull).findFirst().orElse(null);
    }

    private static String place(JsonNode place, JsonNode body, HttpHeaders headers) {
        var text = place.has("header") ? headers.firstValue(place.get("header").asText()).orElse(null)
                : Snapshots.scalarText(Snapshots.valueAt(body, place.get("path")));
        return text == null || text.isEmpty() ? null : text;
    }

    private static Double retryAfter(HttpHeaders headers) {
        var text = headers.firstValue("Retry-After").orElse("").trim();
        if (text.matches("[0-9]{1,9}(\\.[0-9]{1,9})?")) return Double.valueOf(text);
        var moment = date(text);
        var sent = Objects.requireNonNullElseGet(date(headers.firstValue("Date").orElse("")), Instant::now);
        return moment == null ? null : Double.valueOf(Math.max(0, Duration.between(sent, moment).toMillis() / 1000.0));
    }

    private static Instant date(String text) {
        try {
            return DateTimeFormatter.RFC_1123_DATE_TIME.parse(text, Instant::from);
        } catch (DateTimeException error) {
            return null;
        }
    }

    private static JobSnapshot withMonotonicProgress(JobSnapshot before, JobSnapshot now) {
        var known = new LinkedHashMap<String, JobSnapshot>();
        IntStream.range(0, before.children().size()).forEach(index -> known.put(key(before, index), before.children().get(index)));
        var children = IntStream.range(0, now.children().size()).mapToObj(index -> {
            var earlier = known.get(key(now, index));
            return earlier == null ? now.children().get(index) : withMonotonicProgress(earlier, now.children().get(index));
        }).toList();
        var progress = now.progress() == null ? before.progress()
                : Double.valueOf(Math.max(Objects.requireNonNullElse(before.progress(), 0.0), now.progress()));
        // Only a job that succeeded has progress 1. A resumed job has the progress of its new run.
        if (now.isFinal() && now.progress() != null || progress != null && progress == 1 && now.state() != JobState.SUCCEEDED) {
            progress = now.progress();
        }
        return now.with(now.id(), now.state(), progress, children);
    }

    private static String key(JobSnapshot snapshot, int index) {
        return Objects.requireNonNullElse(snapshot.children().get(index).id(), "#" + index);
    }

    /** The values that are compared to find a change. */
    private static List<Object> compared(JobSnapshot snapshot) {
        var children = snapshot.children().stream().map(child -> compared(child).toString()).sorted().toList();
        return java.util.Arrays.asList(snapshot.id(), snapshot.state(), snapshot.progress(), snapshot.reason(), snapshot.code(), children);
    }

    /** Returns the first child, at any depth, that failed with a reason. */
    private static JobSnapshot failedChild(JobSnapshot snapshot) {
        for (var child : snapshot.children()) {
            if (child.isFinal() && child.state() != JobState.SUCCEEDED) {
                var found = failedChild(child);
                if (found != null || child.reason() != null) return found != null ? found : child;
            }
        }
        return null;
    }

    private static double backoff(int retry, double chance) {
        return Math.min(8, 0.5 * Math.pow(2, Math.min(retry, 10))) * chance;
    }

    private static double seconds(Duration duration) { return duration.toNanos() / 1e9; }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** An ID; a UUID in lower case, since services write it in either (RFC 9562). */
    private static String normal(String id) { return id.matches("[0-9A-Fa-f-]+") ? id.toLowerCase() : id; }

    private static String name(JobState state) { return state.name().toLowerCase(); }
}
