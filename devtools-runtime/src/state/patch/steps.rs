//! Counts steps, for tests and fuzz targets that compare them with the size of a value. Elsewhere nothing is counted.

#[cfg(any(test, feature = "_fuzz"))]
thread_local! {
    /// The steps that were counted in this thread.
    static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Counts steps of the function that calls it.
#[inline]
#[cfg_attr(
    not(any(test, feature = "_fuzz")),
    expect(unused_variables, reason = "nothing is counted")
)]
pub(super) fn count(steps: usize) {
    #[cfg(any(test, feature = "_fuzz"))]
    STEPS.set(STEPS.get() + steps);
}

/// What something returns, and the steps that it takes.
#[cfg(any(test, feature = "_fuzz"))]
pub(crate) fn counted<R>(run: impl FnOnce() -> R) -> (R, usize) {
    STEPS.set(0);
    (run(), STEPS.get())
}
