package javax.annotation;

/** The annotation on each generated class, which the JDK has no longer and the generator's jar lacks. */
public @interface Generated {
    String value();

    String date() default "";

    String comments() default "";
}
