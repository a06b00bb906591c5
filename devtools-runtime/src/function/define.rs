//! Functions that are defined while the program runs: closures over a plugin's own data.

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use crate::function::agent::AgentOptions;
use crate::function::arguments::{RpcArguments, parameters_of};
use crate::function::attributes::{AttributesRef, OwnAttributes};
use crate::function::definition::FunctionDefinition;
use crate::function::dump_hook::DumpOf;
use crate::function::erased::DynamicHandler;
use crate::function::facts::Facts;
use crate::function::kind::FunctionKind;
use crate::function::output::RpcOutput;
use crate::function::read_arguments::{read_clone, read_json};
use crate::function::reply::{Call, ReplyText, ReplyTo};
use crate::function::source_location::SourceLocation;
use crate::function::started::Started;
use crate::function::tuples::tuples;
use crate::function::value_writer::{ValueWriter, WriteResult};
use crate::wire::Encoding;

/// Begins the definition of a function from a closure, for data that no `static` function can reach.
///
/// ```
/// use std::collections::BTreeMap;
/// use std::sync::{Arc, Mutex};
///
/// use devtools_runtime::context::RegisterError;
/// use devtools_runtime::{DevToolsContext, define_rpc_function};
///
/// fn setup(ctx: &DevToolsContext) -> Result<(), RegisterError> {
///     let metrics = Arc::new(Mutex::new(BTreeMap::from([("/src/main.ts".to_owned(), 1024_u64)])));
///     ctx.rpc().register(
///         define_rpc_function("analytics:get-metrics")
///             .query()
///             .handler(move || metrics.lock().map(|metrics| metrics.clone()).unwrap_or_default()),
///     )
/// }
/// ```
///
/// The handler takes up to eight owned parameters. It is sync ([`handler`](RpcFunctionBuilder::handler)) or
/// async ([`async_handler`](RpcFunctionBuilder::async_handler)); each has a form for handlers that may
/// fail. Its arguments are not [validated](macro@crate::rpc_function#validation): a handler that needs valid arguments
/// checks them itself.
#[track_caller]
pub fn define_rpc_function(name: impl Into<Cow<'static, str>>) -> RpcFunctionBuilder {
    RpcFunctionBuilder {
        facts: Facts::of_closure(name.into()),
        own: OwnAttributes::default(),
        location: SourceLocation::of_caller(""),
        dump: (),
    }
}

/// The definition of a function without its handler, from [`define_rpc_function`].
///
/// The combination of options is checked when the function is [registered](crate::context::RpcHost::register): the
/// [`RegisterError`](crate::context::RegisterError) names the broken rule. `D` is the dump, whose types must be those of the handler.
///
/// ```
/// use std::time::Duration;
///
/// use devtools_runtime::{FunctionKind, RemoteError, define_rpc_function};
///
/// let function = define_rpc_function("my-plugin:remove")
///     .action()
///     .description("Removes a file.")
///     .timeout(Duration::from_secs(5))
///     .try_async_handler(|path: String| async move {
///         std::fs::remove_file(path).map_err(|error| RemoteError::new(error.to_string()))
///     });
/// assert_eq!(function.kind(), FunctionKind::Action);
/// ```
#[derive(Debug, Clone)]
#[must_use = "a function is defined by its handler"]
pub struct RpcFunctionBuilder<D = ()> {
    facts: Facts,
    own: OwnAttributes,
    location: SourceLocation,
    dump: D,
}

impl<D> RpcFunctionBuilder<D> {
    /// Makes it a [`FunctionKind::Query`]: the default.
    pub fn query(self) -> Self {
        self.kind(FunctionKind::Query)
    }

    /// Makes it an [`FunctionKind::Action`].
    pub fn action(self) -> Self {
        self.kind(FunctionKind::Action)
    }

    /// Makes it an [`FunctionKind::Event`].
    pub fn event(self) -> Self {
        self.kind(FunctionKind::Event)
    }

    crate::setters! {
        /// Sets the kind.
        pub fn kind(kind: FunctionKind) { facts.kind = kind }

        /// Sets the codec. Default: [`Encoding::Json`].
        pub fn encoding(encoding: Encoding) { facts.encoding = encoding }

        /// Lets clients cache the results of a query, if they ask for that.
        pub fn cacheable() { own.attributes.cacheable = true }

        /// Lets a static dump hold the result of a call without arguments, for all calls ([protocol 8.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#83-what-a-dump-holds)): for a
        /// query whose parameters are all `Option`s, and not beside [`dump`](RpcFunctionBuilder::dump).
        pub fn snapshot() { own.attributes.snapshot = true }

        /// Sets the title for people.
        pub fn title(title: impl Into<Cow<'static, str>>) { own.title = Some(title.into()) }

        /// Lets agents call it. They choose functions by the [`description`](Self::description), and read and write JSON.
        pub fn agent(agent: AgentOptions) { own.attributes.agent = Some(agent) }

        /// Sets how long a call of an async handler may run. Default: unlimited. A call that takes longer is dropped at its
        /// current await point, and the caller gets an error.
        pub fn timeout(timeout: Duration) { own.attributes.timeout = Some(timeout) }

        /// Lets only sessions with this role call it. Roles come with [tokens](crate::trust::Token).
        pub fn role(role: &'static str) { own.attributes.role = Some(role) }

        /// Sets the description, for people and agents who look at the program's functions.
        pub fn description(description: impl Into<Cow<'static, str>>) { facts.description = description.into() }
    }

    /// Sets the types that the handler takes and returns, for TypeScript: `.types::<fn(String) -> Vec<Module>>()`.
    ///
    /// Without it they are `unknown` there. Write the output of a `Result`, and not the `Result`.
    #[cfg(feature = "typescript")]
    pub fn types<T: crate::function::types::DescribedTypes>(mut self) -> Self {
        self.facts.types = T::TYPES;
        self
    }

    /// Defines the function by a closure.
    pub fn handler<A, H>(self, handler: H) -> FunctionDefinition
    where
        A: RpcArguments,
        H: Apply<A, Returned: RpcOutput>,
        D: DumpOf<A, H::Returned>,
    {
        self.at_once(handler, write_output)
    }

    /// Defines the function by a closure that may fail.
    pub fn try_handler<A, H, T, E>(self, handler: H) -> FunctionDefinition
    where
        A: RpcArguments,
        H: Apply<A, Returned = Result<T, E>>,
        T: RpcOutput,
        E: Error + 'static,
        D: DumpOf<A, Result<T, E>>,
    {
        self.at_once(handler, write_result)
    }

    /// Defines the function by a closure that returns a future.
    pub fn async_handler<A, H>(self, handler: H) -> FunctionDefinition
    where
        A: RpcArguments,
        H: Apply<A, Returned: Future<Output: RpcOutput> + Send + 'static>,
        D: DumpOf<A, <H::Returned as Future>::Output>,
    {
        self.later(handler, write_output)
    }

    /// Defines the function by a closure that returns a future that may fail.
    pub fn try_async_handler<A, H, T, E>(self, handler: H) -> FunctionDefinition
    where
        A: RpcArguments,
        H: Apply<A, Returned: Future<Output = Result<T, E>> + Send + 'static>,
        T: RpcOutput,
        E: Error + 'static,
        D: DumpOf<A, Result<T, E>>,
    {
        self.later(handler, write_result)
    }

    fn at_once<A, H>(self, handler: H, write: WriteResult<H::Returned>) -> FunctionDefinition
    where
        A: RpcArguments,
        H: Apply<A>,
        D: DumpOf<A, H::Returned>,
    {
        let encoding = self.facts.encoding;
        let start = move |arguments, reply| {
            Started::Done(write(encoding, &reply, handler.apply(arguments)))
        };
        self.finish(true, start, write)
    }

    fn later<A, H, R>(self, handler: H, write: WriteResult<R>) -> FunctionDefinition
    where
        A: RpcArguments,
        H: Apply<A, Returned: Future<Output = R> + Send + 'static>,
        R: 'static,
        D: DumpOf<A, R>,
    {
        let encoding = self.facts.encoding;
        let start = move |arguments, reply: ReplyTo| -> Started {
            let run = handler.apply(arguments);
            Started::Running(Box::pin(async move { write(encoding, &reply, run.await) }))
        };
        self.finish(false, start, write)
    }

    fn finish<A, R>(
        mut self,
        runs_at_once: bool,
        start: impl Fn(A, ReplyTo) -> Started + Send + Sync + 'static,
        write: WriteResult<R>,
    ) -> FunctionDefinition
    where
        A: RpcArguments,
        R: 'static,
        D: DumpOf<A, R>,
    {
        let known = parameters_of::<A>();
        self.facts.parameters = Cow::Owned(known.clone());
        if !self.own.attributes.is_none() || self.own.title.is_some() {
            self.facts.attributes = Some(AttributesRef::own(self.own));
        }
        let (name, encoding) = (self.facts.name.clone(), self.facts.encoding);
        let handler: Arc<DynamicHandler> = Arc::new(move |call: Call<'_>| {
            let arguments = match encoding {
                Encoding::Json => read_json::<A>(call.arguments),
                Encoding::StructuredClone => read_clone::<A>(call.arguments),
            };
            match arguments {
                Ok(arguments) => start(arguments, call.reply),
                Err(misfit) => Started::Done(call.reply.error(&misfit.of(name.clone(), &known))),
            }
        });
        let dump = self.dump.defined(ValueWriter::new(encoding, write));
        FunctionDefinition::closure(self.facts, self.location, runs_at_once, handler, dump)
    }
}

impl RpcFunctionBuilder {
    /// Returns the builder of a function with this dump.
    pub(crate) fn with_dump<D>(self, dump: D) -> RpcFunctionBuilder<D> {
        RpcFunctionBuilder {
            facts: self.facts,
            own: self.own,
            location: self.location,
            dump,
        }
    }
}

fn write_output<T: RpcOutput>(encoding: Encoding, reply: &ReplyTo, output: T) -> ReplyText {
    reply.success(encoding, &output)
}

fn write_result<T, E>(encoding: Encoding, reply: &ReplyTo, result: Result<T, E>) -> ReplyText
where
    T: RpcOutput,
    E: Error + 'static,
{
    match result {
        Ok(output) => reply.success(encoding, &output),
        Err(error) => reply.error(&error),
    }
}

/// A closure of up to eight parameters, called with a tuple of them.
#[diagnostic::on_unimplemented(
    message = "this closure cannot handle calls",
    note = "it takes up to eight owned parameters, and is `Fn + Send + Sync + 'static`"
)]
pub trait Apply<A>: Send + Sync + 'static {
    /// The return type of the closure.
    type Returned;

    /// Calls it.
    fn apply(&self, arguments: A) -> Self::Returned;
}

macro_rules! closures {
    ($($count:literal: ($($name:ident $index:tt),*);)*) => {$(
        impl<Closure, Returned, $($name),*> Apply<($($name,)*)> for Closure
        where
            Closure: Fn($($name),*) -> Returned + Send + Sync + 'static,
        {
            type Returned = Returned;

            #[allow(non_snake_case, reason = "each value is named after its type")]
            fn apply(&self, ($($name,)*): ($($name,)*)) -> Returned {
                self($($name),*)
            }
        }
    )*};
}

tuples!(closures);
