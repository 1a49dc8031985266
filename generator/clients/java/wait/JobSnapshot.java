package cloudjobs.wait;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;

/**
 * A job at one point in time, in the same form for every service. A value that the service did not send is null.
 *
 * @param progress share of the work done, from 0 to 1; 1 only if the job succeeded
 * @param reason the reason of the state, as the service states it
 * @param job the job as the service sent it
 */
public record JobSnapshot(String id, JobState state, Double progress, Instant startedAt, Instant endedAt,
        String reason, String code, List<JobSnapshot> children, JsonNode job) {
    public boolean isFinal() { return state.isFinal(); }

    JobSnapshot with(String id, JobState state, Double progress, List<JobSnapshot> children) {
        return new JobSnapshot(id, state, progress, startedAt, endedAt, reason, code, children, job);
    }
}
