//! The definition of a function: what a registry holds of it.

use std::any::{Any, TypeId};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "typescript")]
use crate::function::Types;
use crate::function::setup::{DumpOption, PerContext, per_context};
use crate::function::{
    AgentOptions, BoxError, Call, DefinedDump, DumpFn, Dumped, FunctionKind, FunctionOptions,
    Implementation, Injection, Parameter, Place, RpcFunction, SetupImplementation, SharedScope,
    Side, Started, WrittenDump, dump, handler,
};
use crate::wire::Encoding;

/// A function, with its types erased.
///
/// Made by the attribute (`GetModule::definition()`) or by [`define_rpc_function`](crate::define_rpc_function).
/// Cloning is cheap.
#[derive(Clone)]
pub struct FunctionDefinition {
    identity: Option<fn() -> TypeId>,
    name: Cow<'static, str>,
    kind: FunctionKind,
    side: Side,
    encoding: Encoding,
    parameters: Parameters,
    description: Cow<'static, str>,
    place: Place,
    title: Option<Cow<'static, str>>,
    options: FunctionOptions,
    injected: &'static [Injection],
    handler: Handler,
    /// What its types say of themselves.
    #[cfg(feature = "typescript")]
    types: Types,
    /// Whether it is a closure that does not wait.
    runs_at_once: bool,
    /// The option `dump`.
    dump: Option<DumpFn>,
    /// What [`define_rpc_function`](crate::define_rpc_function) was told of a dump.
    defined_dump: Option<Arc<DefinedDump>>,
    /// For a function that is set up: makes what each context keeps of it.
    per_context: Option<fn(DumpOption) -> PerContext>,
    /// What this context keeps.
    kept: Option<PerContext>,
}

#[derive(Clone)]
enum Parameters {
    Static(&'static [Parameter]),
    Shared(Arc<[Parameter]>),
}

/// What runs when a function is called.
#[derive(Clone)]
pub(crate) enum Handler {
    /// Nothing: it is only declared here.
    Declared,
    /// An annotated function.
    Static(fn(Call<'_>) -> Started),
    /// A closure.
    Dynamic(Arc<DynamicHandler>),
}

/// What [`define_rpc_function`](crate::define_rpc_function) is told of a function.
#[derive(Debug, Clone)]
pub(crate) struct Signature {
    pub(crate) name: Cow<'static, str>,
    pub(crate) kind: FunctionKind,
    pub(crate) encoding: Encoding,
    pub(crate) description: Cow<'static, str>,
    pub(crate) place: Place,
    pub(crate) title: Option<Cow<'static, str>>,
    pub(crate) options: FunctionOptions,
    #[cfg(feature = "typescript")]
    pub(crate) types: Types,
    pub(crate) runs_at_once: bool,
}

pub(crate) type DynamicHandler = dyn Fn(Call<'_>) -> Started + Send + Sync;

impl FunctionDefinition {
    /// The definition of an annotated function.
    pub const fn of<F: Implementation>(place: Place) -> Self {
        Self::new::<F>(place, F::INJECTED, Handler::Static(handler::start::<F>))
    }

    /// The definition of an annotated function that is set up once per context.
    pub const fn set_up<F: SetupImplementation>(place: Place) -> Self {
        let mut definition = Self::new::<F>(place, F::INJECTED, Handler::Static(not_registered));
        definition.per_context = Some(per_context::<F>);
        definition
    }

    /// The definition with the function that computes its dump.
    #[must_use]
    pub const fn dumped<F: Dumped>(mut self) -> Self {
        self.dump = Some(dump::dump::<F>);
        self
    }

    /// The definition of a function that is declared without a body.
    pub const fn declared<F: RpcFunction>(place: Place) -> Self {
        Self::new::<F>(place, &[], Handler::Declared)
    }

    const fn new<F: RpcFunction>(
        place: Place,
        injected: &'static [Injection],
        handler: Handler,
    ) -> Self {
        Self {
            identity: Some(TypeId::of::<F>),
            name: Cow::Borrowed(F::NAME),
            kind: F::KIND,
            side: F::SIDE,
            encoding: F::ENCODING,
            parameters: Parameters::Static(F::PARAMETERS),
            description: Cow::Borrowed(F::DESCRIPTION),
            place,
            title: match F::OPTIONS.title {
                Some(title) => Some(Cow::Borrowed(title)),
                None => None,
            },
            options: F::OPTIONS,
            injected,
            handler,
            #[cfg(feature = "typescript")]
            types: F::TYPES,
            runs_at_once: false,
            dump: None,
            defined_dump: None,
            per_context: None,
            kept: None,
        }
    }

    /// The definition of a closure.
    pub(crate) fn closure(
        signature: Signature,
        parameters: Arc<[Parameter]>,
        handler: Arc<DynamicHandler>,
        defined_dump: Option<Arc<DefinedDump>>,
    ) -> Self {
        Self {
            identity: None,
            name: signature.name,
            kind: signature.kind,
            side: Side::Server,
            encoding: signature.encoding,
            parameters: Parameters::Shared(parameters),
            description: signature.description,
            place: signature.place,
            title: signature.title,
            options: signature.options,
            injected: &[],
            handler: Handler::Dynamic(handler),
            #[cfg(feature = "typescript")]
            types: signature.types,
            runs_at_once: signature.runs_at_once,
            dump: None,
            defined_dump,
            per_context: None,
            kept: None,
        }
    }

    /// The definition as a registry holds it: a function that is set up is set up for it alone.
    pub(crate) fn registered(self) -> Self {
        let option = match self.dump {
            Some(_) => DumpOption::Given,
            None => DumpOption::None,
        };
        let Some(kept) = self.per_context.map(|make| make(option)) else {
            return self;
        };
        let handler = Handler::Dynamic(Arc::clone(&kept.handler));
        Self {
            kept: Some(kept),
            ..self.handled_by(handler)
        }
    }

    /// The definition with a handler in place of the one it had.
    pub(crate) fn handled_by(self, handler: Handler) -> Self {
        Self { handler, ..self }
    }

    /// The function as others see it, with something else that answers its calls: it is neither set up nor dumped.
    #[cfg(feature = "client")]
    pub(crate) fn answered_by(self, handler: Handler) -> Self {
        Self {
            dump: None,
            per_context: None,
            kept: None,
            ..self.handled_by(handler)
        }
    }

    /// The name on the wire, `scope:function`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same function under another name.
    pub(crate) fn renamed(self, name: String) -> Self {
        Self {
            name: name.into(),
            ..self
        }
    }

    /// The name, to be kept.
    pub(crate) fn owned_name(&self) -> Cow<'static, str> {
        self.name.clone()
    }

    /// What the function is for.
    pub fn kind(&self) -> FunctionKind {
        self.kind
    }

    /// The side it runs on.
    pub fn side(&self) -> Side {
        self.side
    }

    /// The codec its arguments and results are written in.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The parameters that come off the wire, in order.
    pub fn parameters(&self) -> &[Parameter] {
        match &self.parameters {
            Parameters::Static(parameters) => parameters,
            Parameters::Shared(parameters) => parameters,
        }
    }

    /// The doc comment.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Where it was defined.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Whether clients may keep its results, where they ask for that. A static function's they may always
    /// keep.
    pub fn is_cacheable(&self) -> bool {
        self.options.cacheable
    }

    /// Whether a dump holds the result of a call without arguments, for all calls.
    pub fn is_snapshot(&self) -> bool {
        self.options.snapshot
    }

    /// What people call it.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// What agents are told of it, if they may call it.
    pub fn agent(&self) -> Option<AgentOptions> {
        self.options.agent
    }

    /// How long a call of it may run.
    pub fn timeout(&self) -> Option<Duration> {
        self.options.timeout
    }

    /// What it takes and returns, as JSON Schema, where its types implement `schemars::JsonSchema`.
    #[cfg(feature = "typescript")]
    pub fn schema(&self) -> crate::function::FunctionSchema {
        let parameters = self.parameters().len();
        crate::function::FunctionSchema::new(self.types, parameters, self.side)
    }

    /// What its types say of themselves.
    #[cfg(feature = "typescript")]
    pub(crate) fn types(&self) -> Types {
        self.types
    }

    /// Whether it is a closure that does not wait, and so cannot be stopped.
    pub(crate) fn runs_at_once(&self) -> bool {
        self.runs_at_once
    }

    /// Whether something else than its setup says what a dump holds.
    pub(crate) fn has_dump(&self) -> bool {
        self.dump.is_some() || self.defined_dump.is_some()
    }

    /// What the context keeps of it, if it is set up.
    pub(crate) fn slot(&self) -> Option<Arc<dyn Any + Send + Sync>> {
        self.kept.as_ref().map(|kept| Arc::clone(&kept.slot))
    }

    /// Whether its setup, or the option `dump`, may say what a dump is to hold of it.
    pub(crate) fn may_say_dump(&self) -> bool {
        self.dump.is_some() || self.kept.is_some()
    }

    /// What a dump is to hold of it, if anybody says: its setup, or the option `dump`.
    pub(crate) async fn dump(&self, scope: SharedScope) -> Result<Option<WrittenDump>, BoxError> {
        if let Some(kept) = &self.kept {
            if let Some(dump) = (kept.dump)(SharedScope::clone(&scope)).await? {
                return Ok(Some(dump));
            }
        }
        match (self.dump, &self.defined_dump) {
            (Some(of_attribute), _) => of_attribute(scope).await,
            (None, Some(defined)) => defined(scope).await,
            (None, None) => Ok(None),
        }
    }

    /// The references it takes.
    pub(crate) fn injected(&self) -> &'static [Injection] {
        self.injected
    }

    pub(crate) fn handler(&self) -> &Handler {
        &self.handler
    }

    /// Whether this is a definition of `F` itself.
    pub(crate) fn is<F: RpcFunction>(&self) -> bool {
        self.identity
            .is_some_and(|identity| identity() == TypeId::of::<F>())
    }

    pub(crate) fn is_same_function(&self, other: &Self) -> bool {
        match (self.identity, other.identity, &self.handler, &other.handler) {
            (Some(this), Some(other), ..) => this() == other(),
            (None, None, Handler::Dynamic(this), Handler::Dynamic(other)) => {
                Arc::ptr_eq(this, other)
            }
            _ => false,
        }
    }

    /// Whether JavaScript callers may send the arguments as JSON.
    ///
    /// They refuse an explicit `undefined` there, so a function with optional parameters is left to
    /// structured clone (`protocol.md` 2.3).
    pub(crate) fn takes_json(&self) -> bool {
        self.encoding == Encoding::Json
            && !self.parameters().iter().any(|parameter| parameter.optional)
    }
}

/// The handler of a function that is set up, where no registry has made one.
fn not_registered(call: Call<'_>) -> Started {
    Started::Done(call.reply.failure("the function is not registered"))
}

impl fmt::Debug for FunctionDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FunctionDefinition")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

/// A function that the attribute put into the program's list.
#[derive(Debug)]
pub struct Registration(pub(crate) FunctionDefinition);

impl Registration {
    /// The entry of a definition.
    pub const fn new(definition: FunctionDefinition) -> Self {
        Self(definition)
    }
}

inventory::collect!(Registration);
