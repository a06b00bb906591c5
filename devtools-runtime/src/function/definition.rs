//! The definition of a function: what a registry holds of it.

use std::any::{Any, TypeId};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "typescript")]
use crate::function::Types;
use crate::function::handler::FunctionOf;
use crate::function::setup::{DumpOption, PerContext, per_context};
use crate::function::{
    AgentOptions, BoxError, Call, DefinedDump, DumpFn, Dumped, FunctionKind, FunctionOptions,
    Implementation, Injection, Parameter, RpcFunction, SetupImplementation, SharedScope, Side,
    SourceLocation, Started, StaticLayer, WrittenDump, dump,
};
use crate::wire::Encoding;

/// A function, with its types erased.
///
/// Made by the attribute (`GetModule::definition()`) or by [`define_rpc_function`](crate::define_rpc_function).
/// Cloning is cheap.
///
/// ```
/// use devtools_runtime::{DevTools, FunctionKind, rpc_function};
///
/// /// Says where the tool works.
/// #[rpc_function(name = "docs-of-definitions:get-root", kind = "static")]
/// fn get_root() -> String {
///     "/".to_owned()
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let definition = GetRoot::definition();
/// assert_eq!(definition.name(), "docs-of-definitions:get-root");
/// assert_eq!(definition.kind(), FunctionKind::Static);
/// assert_eq!(definition.description(), "Says where the tool works.");
///
/// let devtools = DevTools::builder().without_collected().function(definition).build().await?;
/// assert!(devtools.context().rpc().has(GetRoot::NAME));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct FunctionDefinition(Inner);

/// A definition of the program is a few words that point at constants. Only what a registry changes of it, or what is
/// defined while the program runs, is kept on the heap.
#[derive(Clone)]
enum Inner {
    OfProgram(OfProgram),
    Own(Arc<Own>),
}

/// An annotated function, and where it stands.
#[derive(Clone, Copy)]
struct OfProgram {
    function: &'static dyn Annotated,
    file: &'static str,
    package: &'static str,
    line: u32,
    /// Whether it is more than declared here.
    has_body: bool,
    /// The option `dump`.
    dump: Option<DumpFn>,
}

/// An annotated function, for whoever does not know its types.
pub(crate) trait Annotated: Send + Sync {
    /// What is known of it whatever its types.
    fn facts(&self) -> &Facts;

    /// Begins a call.
    fn begin(&self, call: Call<'_>) -> Started;

    /// For a function that is set up: makes what each context keeps of it.
    fn per_context(&self) -> Option<MakePerContext> {
        None
    }
}

/// What is known of a function whatever its types, whether the program says it or somebody while it runs.
#[derive(Clone)]
pub(crate) struct Facts {
    /// `None` of a closure.
    identity: Option<fn() -> TypeId>,
    pub(crate) name: Cow<'static, str>,
    pub(crate) kind: FunctionKind,
    pub(crate) side: Side,
    pub(crate) encoding: Encoding,
    pub(crate) parameters: Cow<'static, [Parameter]>,
    pub(crate) description: Cow<'static, str>,
    pub(crate) title: Option<Cow<'static, str>>,
    pub(crate) options: Options,
    injected: &'static [Injection],
    /// What its types say of themselves.
    #[cfg(feature = "typescript")]
    pub(crate) types: Types,
}

/// What else is said of a function: mostly nothing.
pub(crate) type Options = Option<Cow<'static, FunctionOptions>>;

/// `F`, as constants.
struct ConstantsOf<F>(PhantomData<F>);

impl<F: RpcFunction> ConstantsOf<F> {
    const OPTIONS: &'static FunctionOptions = &F::OPTIONS;
    const DECLARED: &'static Declared = &Declared(Facts::of::<F>(&[]));
}

impl<F: SetupImplementation> ConstantsOf<F> {
    const SET_UP: &'static SetUp = &SetUp {
        facts: Facts::of::<F>(F::INJECTED),
        per_context: per_context::<F>,
    };
}

impl Facts {
    /// Those of `F`, which takes these references.
    pub(crate) const fn of<F: RpcFunction>(injected: &'static [Injection]) -> Self {
        Self {
            identity: Some(TypeId::of::<F>),
            name: Cow::Borrowed(F::NAME),
            kind: F::KIND,
            side: F::SIDE,
            encoding: F::ENCODING,
            parameters: Cow::Borrowed(F::PARAMETERS),
            description: Cow::Borrowed(F::DESCRIPTION),
            title: match F::OPTIONS.title {
                Some(title) => Some(Cow::Borrowed(title)),
                None => None,
            },
            options: if F::OPTIONS.is_nothing() {
                None
            } else {
                Some(Cow::Borrowed(ConstantsOf::<F>::OPTIONS))
            },
            injected,
            #[cfg(feature = "typescript")]
            types: F::TYPES,
        }
    }

    /// Those of a query that is a closure, of which only the name is known.
    pub(crate) fn of_closure(name: Cow<'static, str>) -> Self {
        Self {
            identity: None,
            name,
            kind: FunctionKind::Query,
            side: Side::Server,
            encoding: Encoding::Json,
            parameters: Cow::Borrowed(&[]),
            description: Cow::Borrowed(""),
            title: None,
            options: None,
            injected: &[],
            #[cfg(feature = "typescript")]
            types: Types::UNKNOWN,
        }
    }

    /// The name that the program gave it; of one that is defined while the program runs, nothing.
    pub(crate) fn name_in_program(&self) -> &'static str {
        match self.name {
            Cow::Borrowed(name) => name,
            Cow::Owned(_) => "",
        }
    }

    /// Whether callers may read errors that are internal otherwise.
    pub(crate) fn publishes_errors(&self) -> bool {
        self.options
            .as_ref()
            .is_some_and(|options| options.public_errors)
    }
}

impl fmt::Debug for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Facts")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// A function that is only declared here.
struct Declared(Facts);

impl Annotated for Declared {
    fn facts(&self) -> &Facts {
        &self.0
    }

    fn begin(&self, call: Call<'_>) -> Started {
        Started::Done(call.reply.failure("the function is only declared"))
    }
}

/// A function that is set up once per context: its handler is made by a registry.
struct SetUp {
    facts: Facts,
    per_context: MakePerContext,
}

impl Annotated for SetUp {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn begin(&self, call: Call<'_>) -> Started {
        Started::Done(call.reply.failure("the function is not registered"))
    }

    fn per_context(&self) -> Option<MakePerContext> {
        Some(self.per_context)
    }
}

type MakePerContext = fn(DumpOption) -> PerContext;

/// A definition of which something was made while the program runs.
#[derive(Clone)]
struct Own {
    facts: Facts,
    location: SourceLocation,
    handler: Handler,
    /// Whether it is a closure that does not wait.
    runs_at_once: bool,
    /// The option `dump`.
    dump: Option<DumpFn>,
    /// What [`define_rpc_function`](crate::define_rpc_function) was told of a dump.
    defined_dump: Option<Arc<DefinedDump>>,
    per_context: Option<MakePerContext>,
    /// What this context keeps.
    kept: Option<PerContext>,
}

impl From<OfProgram> for Own {
    fn from(of_program: OfProgram) -> Self {
        Self {
            facts: of_program.function.facts().clone(),
            location: of_program.location(),
            handler: of_program.handler(),
            runs_at_once: false,
            dump: of_program.dump,
            defined_dump: None,
            per_context: of_program.function.per_context(),
            kept: None,
        }
    }
}

impl OfProgram {
    fn location(&self) -> SourceLocation {
        SourceLocation {
            file: self.file,
            line: self.line,
            package: self.package,
        }
    }

    fn handler(&self) -> Handler {
        if self.has_body {
            Handler::Static(self.function)
        } else {
            Handler::Declared
        }
    }
}

/// What runs when a function is called.
#[derive(Clone)]
pub(crate) enum Handler {
    /// Nothing: it is only declared here.
    Declared,
    /// An annotated function.
    Static(&'static dyn Annotated),
    /// A closure.
    Dynamic(Arc<DynamicHandler>),
}

/// A [`Handler`] that is asked for.
#[derive(Clone, Copy)]
pub(crate) enum Handling<'f> {
    Declared,
    Static(&'static dyn Annotated),
    Dynamic(&'f DynamicHandler),
}

pub(crate) type DynamicHandler = dyn Fn(Call<'_>) -> Started + Send + Sync;

impl FunctionDefinition {
    /// The definition of an annotated function.
    #[expect(clippy::inline_always, reason = "it is a few words")]
    #[inline(always)]
    pub const fn of<F: Implementation>(location: SourceLocation) -> Self {
        Self::new(location, FunctionOf::<F>::FUNCTION, true)
    }

    /// The definition of an annotated function that is set up once per context.
    #[expect(clippy::inline_always, reason = "it is a few words")]
    #[inline(always)]
    pub const fn set_up<F: SetupImplementation>(location: SourceLocation) -> Self {
        Self::new(location, ConstantsOf::<F>::SET_UP, true)
    }

    /// The definition with the function that computes its dump.
    #[must_use]
    pub const fn dumped<F: Dumped>(mut self) -> Self {
        if let Inner::OfProgram(of_program) = &mut self.0 {
            of_program.dump = Some(dump::dump::<F>);
        }
        self
    }

    /// The definition of a function that is declared without a body.
    #[expect(clippy::inline_always, reason = "it is a few words")]
    #[inline(always)]
    pub const fn declared<F: RpcFunction>(location: SourceLocation) -> Self {
        Self::new(location, ConstantsOf::<F>::DECLARED, false)
    }

    #[expect(clippy::inline_always, reason = "it is a few words")]
    #[inline(always)]
    const fn new(
        location: SourceLocation,
        function: &'static dyn Annotated,
        has_body: bool,
    ) -> Self {
        Self(Inner::OfProgram(OfProgram {
            function,
            file: location.file,
            package: location.package,
            line: location.line,
            has_body,
            dump: None,
        }))
    }

    /// The definition of a closure.
    pub(crate) fn closure(
        facts: Facts,
        location: SourceLocation,
        runs_at_once: bool,
        handler: Arc<DynamicHandler>,
        defined_dump: Option<Arc<DefinedDump>>,
    ) -> Self {
        Self(Inner::Own(Arc::new(Own {
            facts,
            location,
            handler: Handler::Dynamic(handler),
            runs_at_once,
            dump: None,
            defined_dump,
            per_context: None,
            kept: None,
        })))
    }

    /// The definition with something changed.
    fn changed(self, change: impl FnOnce(&mut Own)) -> Self {
        let mut own = match self.0 {
            Inner::OfProgram(of_program) => Arc::new(of_program.into()),
            Inner::Own(own) => own,
        };
        change(Arc::make_mut(&mut own));
        Self(Inner::Own(own))
    }

    /// What has changed of it, if it is not as the program has it.
    fn own(&self) -> Option<&Own> {
        match &self.0 {
            Inner::OfProgram(_) => None,
            Inner::Own(own) => Some(own),
        }
    }

    /// The definition as a registry holds it: a function that is set up is set up for it alone.
    pub(crate) fn registered(self) -> Self {
        let per_context = match &self.0 {
            Inner::OfProgram(of_program) => of_program.function.per_context(),
            Inner::Own(own) => own.per_context,
        };
        let option = match self.dump_option() {
            Some(_) => DumpOption::Given,
            None => DumpOption::None,
        };
        let Some(kept) = per_context.map(|make| make(option)) else {
            return self;
        };
        self.changed(|own| {
            own.handler = Handler::Dynamic(Arc::clone(&kept.handler));
            own.kept = Some(kept);
        })
    }

    /// The definition with a handler in place of the one it had.
    pub(crate) fn handled_by(self, handler: Handler) -> Self {
        self.changed(|own| own.handler = handler)
    }

    /// The function as others see it, with something else that answers its calls: it is neither set up nor dumped.
    #[cfg(feature = "client")]
    pub(crate) fn answered_by(self, handler: Handler) -> Self {
        self.changed(|own| {
            own.handler = handler;
            own.dump = None;
            own.per_context = None;
            own.kept = None;
        })
    }

    /// What is known of it whatever its types.
    fn facts(&self) -> &Facts {
        match &self.0 {
            Inner::OfProgram(of_program) => of_program.function.facts(),
            Inner::Own(own) => &own.facts,
        }
    }

    /// The name on the wire, `scope:function`.
    pub fn name(&self) -> &str {
        &self.facts().name
    }

    /// The same function under another name.
    pub(crate) fn renamed(self, name: String) -> Self {
        self.changed(|own| own.facts.name = name.into())
    }

    /// The name, to be kept.
    pub(crate) fn owned_name(&self) -> Cow<'static, str> {
        self.facts().name.clone()
    }

    /// What the function is for.
    pub fn kind(&self) -> FunctionKind {
        self.facts().kind
    }

    /// The side it runs on.
    pub fn side(&self) -> Side {
        self.facts().side
    }

    /// The codec its arguments and results are written in.
    pub fn encoding(&self) -> Encoding {
        self.facts().encoding
    }

    /// The parameters that come off the wire, in order.
    pub fn parameters(&self) -> &[Parameter] {
        &self.facts().parameters
    }

    /// The doc comment.
    pub fn description(&self) -> &str {
        &self.facts().description
    }

    /// Where it was defined.
    pub fn location(&self) -> SourceLocation {
        match &self.0 {
            Inner::OfProgram(of_program) => of_program.location(),
            Inner::Own(own) => own.location,
        }
    }

    /// Whether clients may keep its results, where they ask for that. A static function's they may always
    /// keep.
    pub fn is_cacheable(&self) -> bool {
        self.options().cacheable
    }

    /// Whether a dump holds the result of a call without arguments, for all calls.
    pub fn is_snapshot(&self) -> bool {
        self.options().snapshot
    }

    /// The note of its `#[deprecated]`, which may be empty; `None` if it is not deprecated.
    pub fn deprecated(&self) -> Option<&str> {
        self.options().deprecated
    }

    /// What people call it.
    pub fn title(&self) -> Option<&str> {
        self.facts().title.as_deref()
    }

    fn options(&self) -> FunctionOptions {
        self.facts().options.as_deref().copied().unwrap_or_default()
    }

    /// What agents are told of it, if they may call it.
    pub fn agent(&self) -> Option<AgentOptions> {
        self.options().agent
    }

    /// The role that its callers must have, if it asks for one.
    pub fn role(&self) -> Option<&'static str> {
        self.facts().options.as_ref()?.role
    }

    /// The layer that its option `layer` names.
    pub(crate) fn layer(&self) -> Option<StaticLayer> {
        self.facts().options.as_ref()?.layer
    }

    /// How long a call of it may run.
    pub fn timeout(&self) -> Option<Duration> {
        self.facts().options.as_ref()?.timeout
    }

    /// What it takes and returns, as JSON Schema, where its types implement `schemars::JsonSchema`.
    #[cfg(feature = "typescript")]
    pub fn schema(&self) -> crate::function::FunctionSchema {
        let parameters = self.parameters().len();
        crate::function::FunctionSchema::new(self.types(), parameters, self.side())
    }

    /// What its types say of themselves.
    #[cfg(feature = "typescript")]
    pub(crate) fn types(&self) -> Types {
        self.facts().types
    }

    /// Whether it is a closure that does not wait, and so cannot be stopped.
    pub(crate) fn runs_at_once(&self) -> bool {
        self.own().is_some_and(|own| own.runs_at_once)
    }

    /// Whether something else than its setup says what a dump holds.
    pub(crate) fn has_dump(&self) -> bool {
        self.dump_option().is_some() || self.own().is_some_and(|own| own.defined_dump.is_some())
    }

    /// What the context keeps of it, if it is set up.
    pub(crate) fn slot(&self) -> Option<Arc<dyn Any + Send + Sync>> {
        self.kept().map(|kept| Arc::clone(&kept.slot))
    }

    /// Whether it is set up once for each context.
    pub(crate) fn is_set_up(&self) -> bool {
        self.kept().is_some()
    }

    /// Whether its setup, or the option `dump`, may say what a dump is to hold of it.
    pub(crate) fn may_say_dump(&self) -> bool {
        self.dump_option().is_some() || self.kept().is_some()
    }

    fn dump_option(&self) -> Option<DumpFn> {
        match &self.0 {
            Inner::OfProgram(of_program) => of_program.dump,
            Inner::Own(own) => own.dump,
        }
    }

    fn kept(&self) -> Option<&PerContext> {
        self.own()?.kept.as_ref()
    }

    /// What a dump is to hold of it, if anybody says: its setup, or the option `dump`.
    pub(crate) async fn dump(&self, scope: SharedScope) -> Result<Option<WrittenDump>, BoxError> {
        if let Some(kept) = self.kept() {
            if let Some(dump) = (kept.dump)(SharedScope::clone(&scope)).await? {
                return Ok(Some(dump));
            }
        }
        let defined = self.own().and_then(|own| own.defined_dump.as_ref());
        match (self.dump_option(), defined) {
            (Some(of_attribute), _) => of_attribute(scope).await,
            (None, Some(defined)) => defined(scope).await,
            (None, None) => Ok(None),
        }
    }

    /// The references it takes.
    pub(crate) fn injected(&self) -> &'static [Injection] {
        self.facts().injected
    }

    /// Begins a call.
    pub(crate) fn begin(&self, call: Call<'_>) -> Started {
        match self.handler() {
            Handling::Static(function) => function.begin(call),
            Handling::Dynamic(start) => start(call),
            Handling::Declared => Started::Done(
                call.reply
                    .failure(&format!("`{}` has no handler here", self.name())),
            ),
        }
    }

    pub(crate) fn handler(&self) -> Handling<'_> {
        match &self.0 {
            Inner::OfProgram(of_program) if of_program.has_body => {
                Handling::Static(of_program.function)
            }
            Inner::OfProgram(_) => Handling::Declared,
            Inner::Own(own) => match &own.handler {
                Handler::Declared => Handling::Declared,
                Handler::Static(function) => Handling::Static(*function),
                Handler::Dynamic(start) => Handling::Dynamic(&**start),
            },
        }
    }

    /// Whether this is a definition of `F` itself.
    pub(crate) fn is<F: RpcFunction>(&self) -> bool {
        self.identity() == Some(TypeId::of::<F>())
    }

    fn identity(&self) -> Option<TypeId> {
        Some(self.facts().identity?())
    }

    pub(crate) fn is_same_function(&self, other: &Self) -> bool {
        match (
            self.identity(),
            other.identity(),
            self.handler(),
            other.handler(),
        ) {
            (Some(this), Some(other), ..) => this == other,
            (None, None, Handling::Dynamic(this), Handling::Dynamic(other)) => ptr::eq(this, other),
            _ => false,
        }
    }

    /// Whether JavaScript callers may send the arguments as JSON.
    ///
    /// They refuse an explicit `undefined` there, so a function with optional parameters is left to
    /// structured clone ([protocol 2.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#23-json)).
    pub(crate) fn takes_json(&self) -> bool {
        self.encoding() == Encoding::Json
            && !self.parameters().iter().any(|parameter| parameter.optional)
    }
}

impl fmt::Debug for FunctionDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FunctionDefinition")
            .field("name", &self.name())
            .field("kind", &self.kind())
            .field("location", &self.location())
            .finish_non_exhaustive()
    }
}

/// A function that the attribute put into the program's list.
#[derive(Debug)]
pub struct Registration(pub(crate) fn() -> FunctionDefinition);

impl Registration {
    /// The entry of a function. Its definition is made when it is looked at: a compiler evaluates what a `static` holds
    /// again at every change of a program, but not what is behind a pointer.
    pub const fn new(definition: fn() -> FunctionDefinition) -> Self {
        Self(definition)
    }
}

inventory::collect!(Registration);
