package cloudjobs.wait;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * Options of a wait.
 *
 * @param timeout of the whole wait; null for none
 * @param pollInterval between polls; null for pauses that grow from 1 to 30 seconds
 * @param notFoundGrace time during which a job that does not exist yet is awaited
 * @param onProgress called with each changed snapshot
 */
public record WaitOptions(Duration timeout, Duration pollInterval, Duration notFoundGrace,
        Consumer<JobSnapshot> onProgress) {
    public static final WaitOptions DEFAULT = new WaitOptions(null, null, Duration.ZERO, snapshot -> {});

    public WaitOptions timeout(Duration value) {
        return new WaitOptions(value, pollInterval, notFoundGrace, onProgress);
    }

    public WaitOptions pollInterval(Duration value) {
        return new WaitOptions(timeout, value, notFoundGrace, onProgress);
    }

    public WaitOptions notFoundGrace(Duration value) {
        return new WaitOptions(timeout, pollInterval, value, onProgress);
    }

    public WaitOptions onProgress(Consumer<JobSnapshot> value) {
        return new WaitOptions(timeout, pollInterval, notFoundGrace, value);
    }

    /** Raises IllegalArgumentException for a negative duration. */
    public WaitOptions {
        for (var each : new Duration[] {timeout, pollInterval, notFoundGrace}) {
            var isNegative = each != null && each.isNegative();
            if (isNegative) throw new IllegalArgumentException("a duration must be 0 or more, got " + each);
        }
    }
}
