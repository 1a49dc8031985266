package cloudjobs.wait;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/** Computes snapshots from the `x-job` of a schema. */
final class Snapshots {
    private static final JsonNode MISSING = MissingNode.getInstance();
    private static final Pattern GO_TIME = Pattern.compile("(\\d{4})-(\\d\\d)-(\\d\\d) (\\d\\d):(\\d\\d):(\\d\\d)"
            + "(?:\\.(\\d{1,9}))? ([+-]\\d{4})(?: [A-Z][A-Za-z]*| [+-]\\d+)?(?: m=\\S+)?");
    private static final Pattern DATETIME = Pattern.compile("(\\d{4})-?(\\d\\d)-?(\\d\\d)(?:.(\\d\\d)(?::?(\\d\\d)"
            + "(?::?(\\d\\d)(?:[.,](\\d+))?)?)?(Z|[+-]\\d\\d(?::?\\d\\d)?)?)?");
    private static final Map<String, Double> UNITS = Map.of("epoch-s", 1.0, "epoch-ms", 1e3, "epoch-us", 1e6);

    /** Returns the snapshot of a job whose schema has the mapping of that name. */
    static JobSnapshot of(JsonNode job, String name, JsonNode mappings) {
        var mapping = mappings.get(name);
        var state = state(mapping.get("otherwise"));
        for (var each : mapping.get("states")) {
            if (stream(each.get("when")).allMatch(test -> passes(test, job))) {
                state = state(each.get("is"));
                break;
            }
        }
        var children = new ArrayList<JobSnapshot>();
        for (var each : mapping.get("children")) {
            var value = valueAt(job, each.get("path"));
            var inner = each.get("job").asText();
            switch (each.get("kind").asText()) {
                case "one" -> addChild(children, value, null, inner, mappings);
                case "list" -> {
                    if (value.isArray()) value.forEach(child -> addChild(children, child, null, inner, mappings));
                }
                default -> value.fields().forEachRemaining(
                        child -> addChild(children, child.getValue(), child.getKey(), inner, mappings));
            }
        }
        return new JobSnapshot(textAt(job, mapping.get("id")), state,
                progress(job, mapping.get("progress"), state, children),
                timestamp(job, mapping.get("started"), state), timestamp(job, mapping.get("ended"), state),
                textAt(job, mapping.get("reason")), textAt(job, mapping.get("code")), List.copyOf(children), job);
    }

    static JobState state(JsonNode name) { return JobState.valueOf(name.asText().toUpperCase(Locale.ROOT)); }

    static JsonNode valueAt(JsonNode value, JsonNode path) {
        for (var step : path) {
            if (step.isTextual()) {
                value = value.isObject() ? value.path(step.asText()) : MISSING;
            } else if (!value.isArray()) {
                return MISSING;
            } else if (step.isInt()) {
                value = value.path(step.asInt());
            } else {
                value = stream(value)
                        .filter(item -> step.get("text").asText().equals(scalarText(item.path(step.get("key").asText()))))
                        .findFirst().orElse(MISSING);
            }
        }
        return value;
    }

    /** Returns a scalar as text, or null for any other value. */
    static String scalarText(JsonNode value) {
        return value.isTextual() || value.isNumber() || value.isBoolean() ? value.asText() : null;
    }

    static String textAt(JsonNode job, JsonNode fields) {
        var value = first(job, fields);
        return value.isTextual() || value.isIntegralNumber() ? value.asText() : null;
    }

    static java.util.stream.Stream<JsonNode> stream(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false);
    }

    /** Returns the first value that is neither missing nor null nor empty. */
    private static JsonNode first(JsonNode job, JsonNode fields) {
        return stream(fields).map(path -> valueAt(job, path))
                .filter(value -> !value.isMissingNode() && !value.isNull() && !(value.isTextual() && value.asText().isEmpty()))
                .findFirst().orElse(MISSING);
    }

    private static void addChild(List<JobSnapshot> children, JsonNode value, String key, String name, JsonNode mappings) {
        if (value.isObject()) {
            var child = of(value, name, mappings);
            var id = child.id() == null ? key : child.id();
            children.add(child.with(id, child.state(), child.progress(), child.children()));
        }
    }

    private static boolean passes(JsonNode test, JsonNode job) {
        var value = first(job, test.get("fields"));
        if (test.get("present").asBoolean()) return !value.isMissingNode();
        if (!test.get("values").isEmpty()) {
            var found = test.get("ofItems").asBoolean() && value.isArray() ? stream(value).toList() : List.of(value);
            return found.stream().anyMatch(each -> stream(test.get("values")).anyMatch(known -> isSame(each, known)));
        }
        var number = number(value);
        var minimum = number(test.get("minimum"));
        var maximum = number(test.get("maximum"));
        return number != null && (minimum == null || number >= minimum) && (maximum == null || number <= maximum);
    }

    private static boolean isSame(JsonNode value, JsonNode known) {
        if (value.isNumber() && known.isNumber()) return value.decimalValue().compareTo(known.decimalValue()) == 0;
        return known.isNull() ? value.isMissingNode() || value.isNull() : value.equals(known);
    }

    private static Double number(JsonNode value) {
        var isNumber = value.isNumber() || value.isTextual() && value.asText().matches("-?[0-9]{1,18}(\\.[0-9]{1,18})?");
        return isNumber ? Double.valueOf(value.asText()) : null;
    }

    private static Double progress(JsonNode job, JsonNode declared, JobState state, List<JobSnapshot> children) {
        if (state == JobState.SUCCEEDED) return 1.0;
        // The progress of a job that ended without success is the share that succeeded.
        var hasEnded = state.isFinal();
        Double share = null;
        if (declared.get("ofChildren").asBoolean() && !children.isEmpty()) {
            share = children.stream().mapToDouble(child -> child.isFinal() && !hasEnded ? 1
                    : Objects.requireNonNullElse(child.progress(), 0.0)).sum() / children.size();
        } else if (!declared.get("fields").isEmpty()) {
            share = share(first(job, declared.get("fields")), declared);
            share = hasEnded && share != null && share >= 1 ? null : share;
        } else if (!declared.get("total").isNull()) {
            var total = number(valueAt(job, declared.get("total")));
            var done = stream(declared.get("done")).map(path -> number(valueAt(job, path))).filter(Objects::nonNull).toList();
            if (hasEnded) {
                var succeeded = (double) children.stream().filter(child -> child.state() == JobState.SUCCEEDED).count();
                share = children.isEmpty() ? null : succeeded / Math.max(total == null ? 0 : total, children.size());
            } else if (total != null && total != 0 && !done.isEmpty()) {
                share = done.stream().mapToDouble(each -> each).sum() / total;
            }
        }
        return share == null ? null : Double.valueOf(Math.min(Math.max(share, 0), 0.99));
    }

    private static Double share(JsonNode value, JsonNode declared) {
        var format = declared.get("format").asText();
        var text = value.isTextual() ? value.asText() : "";
        if (format.equals("fraction")) {
            var parts = text.split("/", 2);
            var one = number(com.fasterxml.jackson.databind.node.TextNode.valueOf(parts[0].trim()));
            var other = number(com.fasterxml.jackson.databind.node.TextNode.valueOf(parts[parts.length - 1].trim()));
            return parts.length < 2 || one == null || other == null || other == 0 ? null : Double.valueOf(one / other);
        }
        var isPercent = format.equals("percent");
        var number = number(isPercent && value.isTextual() ? com.fasterxml.jackson.databind.node.TextNode.valueOf(text.replaceFirst("%$", "").trim()) : value);
        return number == null ? null : Double.valueOf(number / (isPercent ? 100 : declared.get("full").asDouble()));
    }

    private static Instant timestamp(JsonNode job, JsonNode declared, JobState state) {
        if (declared.isNull() || declared.get("whenTerminal").asBoolean() && !state.isFinal()) return null;
        var value = first(job, declared.get("fields"));
        for (var format : declared.get("formats")) {
            var found = instant(value, format.asText(), declared.get("zone").asText(""));
            var year = found == null ? 0 : found.atOffset(ZoneOffset.UTC).getYear();
            if (year >= 2000 && year <= 2100) return found;
        }
        return null;
    }

    private static Instant instant(JsonNode value, String format, String zone) {
        var text = value.isTextual() ? value.asText() : "";
        try {
            if (UNITS.containsKey(format)) {
                var isNumber = value.isNumber() || text.matches("-?[0-9]{1,20}(\\.[0-9]+)?");
                var microseconds = isNumber ? Double.parseDouble(value.asText()) * 1e6 / UNITS.get(format) : Double.NaN;
                return Math.abs(microseconds) < 9e18 ? Instant.EPOCH.plus(Math.round(microseconds), ChronoUnit.MICROS) : null;
            }
            var match = (format.equals("go-time") ? GO_TIME : DATETIME).matcher(text);
            // A string of digits alone is a time only in the epoch formats.
            if (!match.matches() || text.matches("[0-9]+")) return null;
            var offset = match.group(8) == null ? zone : match.group(8);
            return offset.isEmpty() ? null : moment(match).toInstant(ZoneOffset.of(offset.replaceFirst(" ", "")));
        } catch (DateTimeException | ArithmeticException error) {
            return null;
        }
    }

    private static LocalDateTime moment(Matcher match) {
        var numbers = new int[6];
        for (var index = 0; index < 6; index++) {
            numbers[index] = match.group(index + 1) == null ? 0 : Integer.parseInt(match.group(index + 1));
        }
        var fraction = Objects.requireNonNullElse(match.group(7), "") + "000000";
        return LocalDateTime.of(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5],
                Integer.parseInt(fraction.substring(0, 6)) * 1000);
    }
}
