package cloudjobs.wait;

/** A wait without success. Values that do not belong to its kind are null. */
public final class WaitException extends RuntimeException {
    public enum Kind {
        /** The job ended without success: {@link #snapshot}, {@link #reason}, {@link #failedChild}. */
        JOB_FAILED,
        /** The timeout of the wait expired; {@link #snapshot} is the last one seen. */
        TIMEOUT,
        /** The job does not exist. */
        NOT_FOUND,
        /** Another status that is not 2xx: {@link #status}, {@link #code}, {@link #requestId}. */
        STATUS,
        /** No response. */
        CONNECTION,
        /** A 2xx response that cannot be used. */
        INVALID_RESPONSE,
        /** The thread was interrupted; the job continues. */
        CANCELLED
    }

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
