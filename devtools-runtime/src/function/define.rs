//! Functions that are defined while the program runs: closures over a plugin's own data.

use std::borrow::Cow;
use std::error::Error;
use std::panic::Location;
use std::sync::Arc;

use crate::function::arguments::{parameters_of, read_clone, read_json};
use crate::function::definition::{DynamicHandler, Signature};
use crate::function::{
    Call, FunctionDefinition, FunctionKind, FunctionOptions, Parameter, Place, ReplyTo,
    RpcArguments, RpcOutput, Started,
};
use crate::wire::Encoding;

/// Begins the definition of a function from a closure, for data that no `static` function can reach.
///
/// ```
/// use std::collections::BTreeMap;
/// use std::sync::{Arc, Mutex};
///
/// use devtools_runtime::{DevToolsContext, RegisterError, define_rpc_function};
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
/// fail.
#[track_caller]
pub fn define_rpc_function(name: impl Into<Cow<'static, str>>) -> RpcFunctionBuilder {
    let location = Location::caller();
    RpcFunctionBuilder(Signature {
        name: name.into(),
        kind: FunctionKind::Query,
        encoding: Encoding::Json,
        description: Cow::Borrowed(""),
        place: Place {
            file: location.file(),
            line: location.line(),
            package: "",
        },
        options: FunctionOptions::new(),
    })
}

/// A function that has everything but its handler: from [`define_rpc_function`].
#[derive(Debug, Clone)]
#[must_use = "a function is defined by its handler"]
pub struct RpcFunctionBuilder(Signature);

impl RpcFunctionBuilder {
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

    /// Makes it of this kind.
    pub fn kind(self, kind: FunctionKind) -> Self {
        Self(Signature { kind, ..self.0 })
    }

    /// The codec it is written in. Default: [`Encoding::Json`].
    pub fn encoding(self, encoding: Encoding) -> Self {
        Self(Signature { encoding, ..self.0 })
    }

    /// Lets clients keep its results, where they ask for that: for a query alone.
    pub fn cacheable(self) -> Self {
        let options = self.0.options.cacheable();
        Self(Signature { options, ..self.0 })
    }

    /// Keeps the result of a call without arguments in a static dump, for all calls: for a query alone, whose
    /// parameters may all be left out.
    pub fn snapshot(self) -> Self {
        let options = self.0.options.snapshot();
        Self(Signature { options, ..self.0 })
    }

    /// What it does, for whoever looks at the program's functions.
    pub fn description(self, description: impl Into<Cow<'static, str>>) -> Self {
        Self(Signature {
            description: description.into(),
            ..self.0
        })
    }

    /// Defines the function by a closure.
    pub fn handler<A, H>(self, handler: H) -> FunctionDefinition
    where
        A: RpcArguments,
        H: Apply<A, Returned: RpcOutput>,
    {
        let encoding = self.0.encoding;
        self.finish::<A>(move |arguments, reply| {
            Started::Done(reply.success(encoding, &handler.apply(arguments)))
        })
    }

    /// Defines the function by a closure that may fail.
    pub fn try_handler<A, H, T, E>(self, handler: H) -> FunctionDefinition
    where
        A: RpcArguments,
        H: Apply<A, Returned = Result<T, E>>,
        T: RpcOutput,
        E: Error + 'static,
    {
        let encoding = self.0.encoding;
        self.finish::<A>(move |arguments, reply| {
            Started::Done(match handler.apply(arguments) {
                Ok(output) => reply.success(encoding, &output),
                Err(error) => reply.error(&error),
            })
        })
    }

    /// Defines the function by a closure that returns a future.
    pub fn async_handler<A, H>(self, handler: H) -> FunctionDefinition
    where
        A: RpcArguments,
        H: Apply<A, Returned: Future<Output: RpcOutput> + Send + 'static>,
    {
        let encoding = self.0.encoding;
        self.finish::<A>(move |arguments, reply| {
            let run = handler.apply(arguments);
            Started::Running(Box::pin(async move { reply.success(encoding, &run.await) }))
        })
    }

    /// Defines the function by a closure that returns a future that may fail.
    pub fn try_async_handler<A, H, T, E>(self, handler: H) -> FunctionDefinition
    where
        A: RpcArguments,
        H: Apply<A, Returned: Future<Output = Result<T, E>> + Send + 'static>,
        T: RpcOutput,
        E: Error + 'static,
    {
        let encoding = self.0.encoding;
        self.finish::<A>(move |arguments, reply| {
            let run = handler.apply(arguments);
            Started::Running(Box::pin(async move {
                match run.await {
                    Ok(output) => reply.success(encoding, &output),
                    Err(error) => reply.error(&error),
                }
            }))
        })
    }

    fn finish<A: RpcArguments>(
        self,
        start: impl Fn(A, ReplyTo) -> Started + Send + Sync + 'static,
    ) -> FunctionDefinition {
        let parameters: Arc<[Parameter]> = parameters_of::<A>().into();
        let (name, encoding) = (self.0.name.clone(), self.0.encoding);
        let known = Arc::clone(&parameters);
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
        FunctionDefinition::closure(self.0, parameters, handler)
    }
}

/// A closure of up to eight parameters, called with a tuple of them.
#[diagnostic::on_unimplemented(
    message = "this closure cannot handle calls",
    note = "it takes up to eight owned parameters, and is `Fn + Send + Sync + 'static`"
)]
pub trait Apply<A>: Send + Sync + 'static {
    /// What the closure returns.
    type Returned;

    /// Calls it.
    fn apply(&self, arguments: A) -> Self::Returned;
}

macro_rules! closures {
    ($(($($name:ident),*))*) => {$(
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

closures! {
    ()
    (A)
    (A, B)
    (A, B, C)
    (A, B, C, D)
    (A, B, C, D, E)
    (A, B, C, D, E, F)
    (A, B, C, D, E, F, G)
    (A, B, C, D, E, F, G, H)
}
