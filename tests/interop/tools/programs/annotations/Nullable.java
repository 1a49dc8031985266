package jakarta.annotation;

/** An annotation of jakarta.annotation-api, which the generator's jar lacks. */
public @interface Nullable {}
