//! Calls that a mock expects.

use std::any::Any;
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;
use std::time::Duration;

use crate::function::{
    Call, FailedCall, FunctionDefinition, Handler, Positional, RemoteError, ReplyText, ReplyTo,
    RpcFunction, SourceLocation, Started, read,
};
use crate::mutex::Mutex;
use crate::testing::arguments::IntoArguments;
use crate::testing::calls::{ExpectationProgress, Expected, TestCalls};
use crate::wire::js::Value;
use crate::wire::{self, Document, Encoding, Payload};

/// A call that a mock expects, and its answer. Returned by [`MockServer::expect_call`](super::MockServer::expect_call) and
/// [`MockClient::expect_call`](super::MockClient::expect_call).
///
/// By default, it expects at least one call, with any arguments.
///
/// If several expectations fit a call, the first one that may still be called answers. So two expectations of the
/// same call with [`times(1)`](Self::times) answer one after the other.
///
/// ```
/// use devtools_runtime::testing::MockServer;
/// use devtools_runtime::{RemoteError, rpc_function};
///
/// #[rpc_function(name = "docs-of-expectation:read")]
/// async fn read(path: String, line: Option<u32>) -> Result<String, RemoteError>;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut server = MockServer::new();
/// server.expect_call::<Read>().with(("a.txt", None)).returns("hello").times(1..=2);
/// server.expect_call::<Read>().withf(|(_, line)| line.is_some()).returning(|(path, _)| Ok(path));
/// server.expect_call::<Read>().with(("b.txt", None)).fails(RemoteError::new("there is no such file"));
///
/// let rpc = server.client();
/// assert_eq!(Read::call(&rpc, "a.txt", None).await?, "hello");
/// assert_eq!(Read::call(&rpc, "c.txt", Some(5)).await?, "c.txt");
/// assert!(Read::call(&rpc, "b.txt", None).await.is_err());
/// # Ok(())
/// # }
/// ```
pub struct ExpectedCall<F: RpcFunction> {
    expectation: Arc<Mutex<Expectation<F>>>,
}

/// The state of an expectation.
struct Expectation<F: RpcFunction> {
    matching: Matching<F>,
    answer: ExpectedAnswer<F>,
    delay: Duration,
    least: usize,
    most: usize,
    calls: usize,
}

enum Matching<F: RpcFunction> {
    Any,
    Equal(Vec<Value>),
    If(Box<Predicate<F>>),
    /// The expected arguments cannot be written, for this reason.
    Never(String),
}

enum ExpectedAnswer<F: RpcFunction> {
    None,
    Returns(F::Output),
    Fails(F::Error),
    FailsWith(RemoteError),
    Returning(Box<Returning<F>>),
}

/// Decides whether arguments are the expected ones.
type Predicate<F> = dyn Fn(&<F as RpcFunction>::Args) -> bool + Send;

/// Answers a call.
type Returning<F> = dyn FnMut(<F as RpcFunction>::Args) -> Result<<F as RpcFunction>::Output, <F as RpcFunction>::Error>
    + Send;

impl<F: RpcFunction> ExpectedCall<F> {
    fn change(&self, change: impl FnOnce(&mut Expectation<F>)) -> &Self {
        change(&mut self.expectation.lock());
        self
    }

    /// Expects these arguments: the value itself for one parameter, a tuple for several.
    pub fn with(&self, arguments: impl IntoArguments<F::Args>) -> &Self {
        let matching = match values::<F>(&arguments.into_arguments()) {
            Ok(values) => Matching::Equal(values),
            Err(reason) => Matching::Never(reason),
        };
        self.change(|it| it.matching = matching)
    }

    /// Expects arguments for which `predicate` returns `true`. It gets a tuple.
    pub fn withf(&self, predicate: impl Fn(&F::Args) -> bool + Send + 'static) -> &Self {
        self.change(|it| it.matching = Matching::If(Box::new(predicate)))
    }

    /// Answers with this result. An event, and a function that returns nothing, need no answer.
    pub fn returns(&self, result: impl crate::function::IntoArgument<F::Output>) -> &Self {
        self.change(|it| it.answer = ExpectedAnswer::Returns(result.into_argument()))
    }

    /// Answers with the result of `answer`, which gets the arguments as a tuple.
    pub fn returning(
        &self,
        answer: impl FnMut(F::Args) -> Result<F::Output, F::Error> + Send + 'static,
    ) -> &Self {
        self.change(|it| it.answer = ExpectedAnswer::Returning(Box::new(answer)))
    }

    /// Fails with this error of the function.
    pub fn fails(&self, error: impl Into<F::Error>) -> &Self {
        self.change(|it| it.answer = ExpectedAnswer::Fails(error.into()))
    }

    /// Fails with an error that is not the function's own, such as the error of a layer.
    pub fn fails_with(&self, error: RemoteError) -> &Self {
        self.change(|it| it.answer = ExpectedAnswer::FailsWith(error))
    }

    /// Answers after this time. With `tokio::time::pause`, it passes at once.
    pub fn delay(&self, delay: Duration) -> &Self {
        self.change(|it| it.delay = delay)
    }

    /// Expects this number of calls: a number or a range. Default: `1..`.
    pub fn times(&self, times: impl Into<Times>) -> &Self {
        let Times { least, most } = times.into();
        self.change(|it| (it.least, it.most) = (least, most))
    }

    /// Expects no call.
    pub fn never(&self) -> &Self {
        self.times(0)
    }
}

crate::debug_impl! { <F: RpcFunction> ExpectedCall<F> { function: F::NAME, .. } }

/// The number of expected calls, for [`ExpectedCall::times`].
///
/// ```
/// use devtools_runtime::testing::Times;
///
/// assert_eq!(Times::from(2), Times::from(2..=2));
/// assert_eq!(Times::from(1..), Times::default());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    least: usize,
    most: usize,
}

impl Times {
    fn of(range: &impl RangeBounds<usize>) -> Self {
        Self {
            least: match range.start_bound() {
                Bound::Included(least) => *least,
                Bound::Excluded(before) => before.saturating_add(1),
                Bound::Unbounded => 0,
            },
            most: match range.end_bound() {
                Bound::Included(most) => *most,
                Bound::Excluded(after) => after.saturating_sub(1),
                Bound::Unbounded => usize::MAX,
            },
        }
    }
}

impl Default for Times {
    fn default() -> Self {
        Self::of(&(1..))
    }
}

impl From<usize> for Times {
    fn from(times: usize) -> Self {
        Self::of(&(times..=times))
    }
}

macro_rules! ranges {
    ($($range:ty),*) => {$(
        impl From<$range> for Times {
            fn from(range: $range) -> Self {
                Self::of(&range)
            }
        }
    )*};
}

ranges!(
    std::ops::Range<usize>,
    std::ops::RangeInclusive<usize>,
    std::ops::RangeFrom<usize>,
    std::ops::RangeTo<usize>,
    std::ops::RangeToInclusive<usize>,
    std::ops::RangeFull
);

/// The expectations of one function.
pub(super) struct FunctionExpectations<F: RpcFunction> {
    /// In the order in which the test wrote them. The lock is held to find one.
    expectations: Mutex<Vec<Arc<Mutex<Expectation<F>>>>>,
}

impl<F: RpcFunction> FunctionExpectations<F> {
    pub(super) fn new() -> Self {
        Self {
            expectations: Mutex::new(Vec::new()),
        }
    }

    pub(super) fn expect(&self) -> ExpectedCall<F> {
        let Times { least, most } = Times::default();
        let expectation = Arc::new(Mutex::new(Expectation {
            matching: Matching::Any,
            answer: ExpectedAnswer::None,
            delay: Duration::ZERO,
            least,
            most,
            calls: 0,
        }));
        self.expectations.lock().push(Arc::clone(&expectation));
        ExpectedCall { expectation }
    }

    /// Returns the definition that answers calls by the expectations.
    pub(super) fn definition(
        self: &Arc<Self>,
        calls: Arc<TestCalls>,
        location: SourceLocation,
    ) -> FunctionDefinition {
        let function = Arc::clone(self);
        let start = move |call: Call<'_>| -> Started {
            let Call {
                arguments, reply, ..
            } = call;
            let arguments = match read::<F>(arguments) {
                Ok(arguments) => arguments,
                Err(misfit) => {
                    calls.unexpected(F::NAME, Vec::new(), misfit.to_string());
                    return Started::Done(reply.error(&misfit));
                }
            };
            function.begin(arguments, reply, &calls)
        };
        FunctionDefinition::declared::<F>(location).handled_by(Handler::Dynamic(Arc::new(start)))
    }

    fn begin(&self, arguments: F::Args, reply: ReplyTo, calls: &Arc<TestCalls>) -> Started {
        let values = values::<F>(&arguments).unwrap_or_default();
        let Some(expectation) = self.find(&arguments, &values) else {
            let reason = self.reason(&values);
            let error = RemoteError {
                code: Some("unexpected-call".to_owned()),
                ..RemoteError::new(format!("unexpected call of `{}`: {reason}", F::NAME))
            };
            calls.unexpected(F::NAME, values, reason);
            return Started::Done(reply.error(&error));
        };
        calls.changed();
        let delay = expectation.lock().delay;
        if delay.is_zero() {
            return Started::Done(expectation.lock().answer(arguments, &reply));
        }
        Started::Running(Box::pin(async move {
            tokio::time::sleep(delay).await;
            expectation.lock().answer(arguments, &reply)
        }))
    }

    /// Finds the first expectation that fits and may still be called, and counts the call.
    fn find(&self, arguments: &F::Args, values: &[Value]) -> Option<Arc<Mutex<Expectation<F>>>> {
        let expectations = self.expectations.lock();
        expectations
            .iter()
            .find(|expectation| {
                let mut expectation = expectation.lock();
                let is_it =
                    expectation.calls < expectation.most && expectation.fits(arguments, values);
                expectation.calls += usize::from(is_it);
                is_it
            })
            .cloned()
    }

    /// Returns the reasons why no expectation fits a call.
    fn reason(&self, values: &[Value]) -> String {
        let expectations = self.expectations.lock();
        let mut expected = Vec::new();
        for expectation in expectations.iter() {
            let expectation = expectation.lock();
            match &expectation.matching {
                Matching::Equal(equal) if equal == values => {
                    return format!(
                        "it was expected {}",
                        times(expectation.least, expectation.most)
                    );
                }
                Matching::Equal(equal) => expected.push(equal.clone()),
                Matching::Any | Matching::If(_) | Matching::Never(_) => {}
            }
        }
        let (_, nearest) = crate::dump::read::nearest(values, &expected);
        match &nearest[..] {
            [] => "no expectation fits".to_owned(),
            nearest => format!("the nearest that are expected: {}", nearest.join(", ")),
        }
    }
}

impl<F: RpcFunction> Expected for FunctionExpectations<F> {
    fn progress(&self) -> Vec<ExpectationProgress> {
        let expectations = self.expectations.lock();
        let progress = expectations.iter().map(|expectation| {
            let expectation = expectation.lock();
            ExpectationProgress {
                call: format!("`{}`{}", F::NAME, expectation.shown()),
                expected: times(expectation.least, expectation.most),
                calls: expectation.calls,
                is_met: expectation.calls >= expectation.least,
            }
        });
        progress.collect()
    }
}

impl<F: RpcFunction> Expectation<F> {
    fn fits(&self, arguments: &F::Args, values: &[Value]) -> bool {
        match &self.matching {
            Matching::Any => true,
            Matching::Equal(expected) => expected == values,
            Matching::If(predicate) => predicate(arguments),
            Matching::Never(_) => false,
        }
    }

    fn shown(&self) -> String {
        match &self.matching {
            Matching::Any => " with any arguments".to_owned(),
            Matching::Equal(values) => {
                format!(" with {}", crate::dump::read::shown(values))
            }
            Matching::If(_) => " with the arguments of a predicate".to_owned(),
            Matching::Never(reason) => format!(" with arguments that cannot be sent: {reason}"),
        }
    }

    fn answer(&mut self, arguments: F::Args, reply: &ReplyTo) -> ReplyText {
        match &mut self.answer {
            ExpectedAnswer::Returns(output) => reply.success(F::ENCODING, output),
            ExpectedAnswer::Fails(error) => failed::<F>(reply, error),
            ExpectedAnswer::FailsWith(error) => reply.error(error),
            ExpectedAnswer::Returning(answer) => match answer(arguments) {
                Ok(output) => reply.success(F::ENCODING, &output),
                Err(error) => failed::<F>(reply, &error),
            },
            ExpectedAnswer::None => match (&() as &dyn Any).downcast_ref::<F::Output>() {
                Some(nothing) => reply.success(F::ENCODING, nothing),
                None => reply.error(&RemoteError::new(format!(
                    "the expected call of `{}` has no answer: give it one with `returns`",
                    F::NAME
                ))),
            },
        }
    }
}

fn failed<F: RpcFunction>(reply: &ReplyTo, error: &F::Error) -> ReplyText {
    reply.failed(&F::FAILURE, error, FailedCall::of(F::NAME))
}

/// Returns arguments as values that can be compared.
fn values<F: RpcFunction>(arguments: &F::Args) -> Result<Vec<Value>, String> {
    let text = wire::arguments(Encoding::StructuredClone, &Positional(arguments))
        .map_err(|error| error.to_string())?;
    let document = Document::parse(&text).map_err(|error| error.to_string())?;
    let values = Payload::Clone(document.root()).read();
    values.map_err(|error: wire::ReadError| error.to_string())
}

fn times(least: usize, most: usize) -> String {
    match (least, most) {
        (_, 0) => "never".to_owned(),
        (least, most) if least == most => format!("{least} times"),
        (least, usize::MAX) => format!("at least {least} times"),
        (0, most) => format!("at most {most} times"),
        (least, most) => format!("{least} to {most} times"),
    }
}
