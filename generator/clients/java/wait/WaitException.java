package cloudjobs.wait;

/**
 * A wait that did not end with a succeeded job. Values that its kind does not have are null.
 *
 * JOB_FAILED: the job ended without success, see snapshot, reason and failedChild. TIMEOUT: the timeout of the wait
 * expired, snapshot is the last one seen. NOT_FOUND: the job does not exist. STATUS: another status that is not 2xx, see
 * status, code and requestId. CONNECTION: no response. INVALID_RESPONSE: a 2xx response that cannot be used. CANCELLED: the
 * thread was interrupted; the job continues.
 */
public final class WaitException extends RuntimeException {
    public enum Kind { JOB_FAILED, TIMEOUT, NOT_FOUND, STATUS, CONNECTION, INVALID_RESPONSE, CANCELLED }

    public final Kind kind;
    public JobSnapshot snapshot, failedChild;
    public String reason, code, serviceMessage, requestId;
    public Integer status;
    public Double retryAfter;

    WaitException(Kind kind, String message, JobSnapshot snapshot, Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.snapshot = snapshot;
    }
}
