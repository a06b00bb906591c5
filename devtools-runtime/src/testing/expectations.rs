//! The expectations of a mock, and their verification.

use std::any::Any;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::function::{FunctionDefinition, RpcFunction, SourceLocation};
use crate::testing::calls::{ExpectationProgress, Expected, TestCalls};
use crate::testing::expectation::{ExpectedCall, FunctionExpectations};

/// The expectations of a mock.
pub(super) struct Expectations {
    /// The name of the mock, for reports.
    mock: &'static str,
    functions: Vec<ExpectedFunction>,
    pub(super) calls: Arc<TestCalls>,
    is_verified: bool,
}

struct ExpectedFunction {
    name: &'static str,
    /// The same as a [`FunctionExpectations`], to find it by its type.
    any: Arc<dyn Any + Send + Sync>,
    expected: Arc<dyn Expected>,
}

impl Expectations {
    pub(super) fn new(mock: &'static str) -> Self {
        Self {
            mock,
            functions: Vec::new(),
            calls: Arc::new(TestCalls::new()),
            is_verified: false,
        }
    }

    /// Adds an expectation. If it is the first one of its function, calls `register` with the definition of the
    /// function.
    pub(super) fn expect<F: RpcFunction>(
        &mut self,
        location: SourceLocation,
        register: impl FnOnce(FunctionDefinition),
    ) -> ExpectedCall<F> {
        let known = self.functions.iter().find(|entry| entry.name == F::NAME);
        let known = known.and_then(|entry| {
            Arc::clone(&entry.any)
                .downcast::<FunctionExpectations<F>>()
                .ok()
        });
        let function = known.unwrap_or_else(|| {
            let function = Arc::new(FunctionExpectations::<F>::new());
            register(function.definition(Arc::clone(&self.calls), location));
            self.functions.push(ExpectedFunction {
                name: F::NAME,
                any: Arc::clone(&function) as _,
                expected: Arc::clone(&function) as _,
            });
            function
        });
        function.expect()
    }

    fn progress(&self) -> impl Iterator<Item = ExpectationProgress> {
        self.functions
            .iter()
            .flat_map(|entry| entry.expected.progress())
    }

    /// Resolves when every expectation is met.
    pub(super) async fn met(&self) {
        let mut changes = self.calls.changes();
        while self.progress().any(|progress| !progress.is_met) {
            // The sender lives as long as these expectations.
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Returns a report of the missing and the unexpected calls, or `None` if there are none.
    pub(super) fn report(&self) -> Option<String> {
        let mut report = String::new();
        for progress in self.progress().filter(|progress| !progress.is_met) {
            let ExpectationProgress {
                call,
                expected,
                calls,
                ..
            } = progress;
            let _ = write!(
                report,
                "\n  missing: {call}, expected {expected}, came {calls} times"
            );
        }
        self.calls.report(&mut report);
        (!report.is_empty()).then(|| {
            format!(
                "{}: the calls are not those that are expected{report}",
                self.mock
            )
        })
    }

    /// Panics with the report, if there is one.
    pub(super) fn verify(&mut self) {
        self.is_verified = true;
        if let Some(report) = self.report() {
            panic!("{report}");
        }
    }
}

impl Drop for Expectations {
    fn drop(&mut self) {
        if !self.is_verified && !std::thread::panicking() {
            self.verify();
        }
    }
}
