//! The definition of a function: what a registry holds of it.

use std::any::{Any, TypeId};
use std::borrow::Cow;
use std::fmt;
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

use crate::function::agent::AgentOptions;
use crate::function::attributes::Attributes;
use crate::function::erased::{DynamicHandler, ErasedFunction, Handler, HandlerRef};
use crate::function::error::BoxError;
use crate::function::facts::Facts;
use crate::function::inject::{Injection, SharedScope};
use crate::function::kind::{FunctionKind, Side};
use crate::function::parameter::Parameter;
use crate::function::per_context::{DumpOption, MakePerContext, PerContext};
use crate::function::reply::Call;
use crate::function::source_location::SourceLocation;
use crate::function::started::Started;
#[cfg(feature = "typescript")]
use crate::function::types::{FunctionSchema, Types};
use crate::function::written_dump::{DefinedDump, DumpFn, WrittenDump};
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
    function: &'static dyn ErasedFunction,
    file: &'static str,
    package: &'static str,
    line: u32,
    /// Whether it is more than declared here.
    has_body: bool,
    /// The option `dump`.
    dump: Option<DumpFn>,
}

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

impl FunctionDefinition {
    #[expect(clippy::inline_always, reason = "it is a few words")]
    #[inline(always)]
    pub(super) const fn new(
        location: SourceLocation,
        function: &'static dyn ErasedFunction,
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

    /// The definition with the function that computes its dump.
    pub(super) const fn with_dump(mut self, dump: DumpFn) -> Self {
        if let Inner::OfProgram(of_program) = &mut self.0 {
            of_program.dump = Some(dump);
        }
        self
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
        self.attributes().cacheable
    }

    /// Whether a dump holds the result of a call without arguments, for all calls.
    pub fn is_snapshot(&self) -> bool {
        self.attributes().snapshot
    }

    /// The note of its `#[deprecated]`, which may be empty; `None` if it is not deprecated.
    pub fn deprecated(&self) -> Option<&str> {
        self.attributes().deprecated
    }

    /// What people call it.
    pub fn title(&self) -> Option<&str> {
        self.facts().title.as_deref()
    }

    fn attributes(&self) -> Attributes {
        self.facts().attributes()
    }

    /// What agents are told of it, if they may call it.
    pub fn agent(&self) -> Option<AgentOptions> {
        self.attributes().agent
    }

    /// The role that its callers must have, if it asks for one.
    pub fn role(&self) -> Option<&'static str> {
        self.attributes().role
    }

    /// The layer that its option `layer` names.
    pub(super) fn layer<T: Any>(&self) -> Option<&'static T> {
        self.facts().layer?.downcast_ref()
    }

    /// How long a call of it may run.
    pub fn timeout(&self) -> Option<Duration> {
        self.attributes().timeout
    }

    /// What it takes and returns, as JSON Schema, where its types implement `schemars::JsonSchema`.
    #[cfg(feature = "typescript")]
    pub fn schema(&self) -> FunctionSchema {
        let parameters = self.parameters().len();
        FunctionSchema::new(self.types(), parameters, self.side())
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
            HandlerRef::Static(function) => function.begin(call),
            HandlerRef::Dynamic(start) => start(call),
            HandlerRef::Declared => Started::Done(
                call.reply
                    .failure(&format!("`{}` has no handler here", self.name())),
            ),
        }
    }

    pub(crate) fn handler(&self) -> HandlerRef<'_> {
        match &self.0 {
            Inner::OfProgram(of_program) if of_program.has_body => {
                HandlerRef::Static(of_program.function)
            }
            Inner::OfProgram(_) => HandlerRef::Declared,
            Inner::Own(own) => match &own.handler {
                Handler::Declared => HandlerRef::Declared,
                Handler::Static(function) => HandlerRef::Static(*function),
                Handler::Dynamic(start) => HandlerRef::Dynamic(&**start),
            },
        }
    }

    /// Whether this is a definition of `F` itself.
    pub(crate) fn is<F: 'static>(&self) -> bool {
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
            (None, None, HandlerRef::Dynamic(this), HandlerRef::Dynamic(other)) => {
                ptr::eq(this, other)
            }
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
