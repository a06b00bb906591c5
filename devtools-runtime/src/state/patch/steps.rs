//! A counter of steps, for tests and fuzz targets that compare the steps with the size of a value. Elsewhere it is empty.

#[cfg(any(test, feature = "_fuzz"))]
thread_local! {
    /// The number of steps that this thread has counted.
    static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Adds steps of the calling function.
#[inline]
#[cfg_attr(
    not(any(test, feature = "_fuzz")),
    expect(unused_variables, reason = "nothing is counted")
)]
pub(super) fn count(steps: usize) {
    #[cfg(any(test, feature = "_fuzz"))]
    STEPS.set(STEPS.get() + steps);
}

/// Runs a closure, and returns its result and the number of its steps.
#[cfg(any(test, feature = "_fuzz"))]
pub(crate) fn counted<R>(run: impl FnOnce() -> R) -> (R, usize) {
    STEPS.set(0);
    (run(), STEPS.get())
}
