//! The definition of a function, as a registry holds it.

use std::any::{Any, TypeId};
use std::borrow::Cow;
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

use crate::function::agent::AgentOptions;
use crate::function::attributes::Attributes;
use crate::function::definition_form::{ChangedDefinition, DefinitionForm, StaticDefinition};
use crate::function::dump_hook::{DefinedDump, DumpFn, WrittenDump};
use crate::function::erased::{DynamicHandler, ErasedFunction, Handler, HandlerRef};
use crate::function::error::BoxError;
use crate::function::facts::Facts;
use crate::function::inject::{Injection, SharedScope};
use crate::function::kind::{FunctionKind, Side};
use crate::function::parameter::Parameter;
use crate::function::per_context::{DumpOption, PerContext};
use crate::function::reply::Call;
#[cfg(feature = "typescript")]
use crate::function::rpc_error::ErrorVariant;
use crate::function::source_location::SourceLocation;
use crate::function::started::Started;
#[cfg(feature = "typescript")]
use crate::function::types::{FunctionSchema, Types};
use crate::wire::Encoding;

/// The definition of a function, without its Rust types.
///
/// The attribute makes it (`GetModule::definition()`), and so does [`define_rpc_function`](crate::define_rpc_function).
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
pub struct FunctionDefinition(DefinitionForm);

impl FunctionDefinition {
    #[expect(clippy::inline_always, reason = "it is a few words")]
    #[inline(always)]
    pub(super) const fn new(
        location: SourceLocation,
        function: &'static dyn ErasedFunction,
        has_body: bool,
    ) -> Self {
        Self(DefinitionForm::Static(StaticDefinition {
            function,
            file: location.file,
            package: location.package,
            line: location.line,
            has_body,
            dump: None,
        }))
    }

    /// Returns the definition of an annotated function with the option `dump`.
    pub(crate) const fn with_dump(mut self, dump: DumpFn) -> Self {
        if let DefinitionForm::Static(definition) = &mut self.0 {
            definition.dump = Some(dump);
        }
        self
    }

    /// Returns the definition of a closure.
    pub(super) fn closure(
        facts: Facts,
        location: SourceLocation,
        runs_at_once: bool,
        handler: Arc<DynamicHandler>,
        defined_dump: Option<Arc<DefinedDump>>,
    ) -> Self {
        Self(DefinitionForm::Changed(Arc::new(ChangedDefinition {
            facts,
            location,
            handler: Handler::Dynamic(handler),
            runs_at_once,
            forwards: false,
            dump: None,
            defined_dump,
            make_per_context: None,
            per_context: None,
        })))
    }

    fn changed(self, change: impl FnOnce(&mut ChangedDefinition)) -> Self {
        let mut definition = self.0.into_changed();
        change(Arc::make_mut(&mut definition));
        Self(DefinitionForm::Changed(definition))
    }

    /// Returns the definition as a registry holds it, with a state of its own if the function is set up.
    pub(crate) fn registered(self) -> Self {
        let Some(make) = self.0.make_per_context() else {
            return self;
        };
        let per_context = make(match self.0.dump_option() {
            Some(_) => DumpOption::Given,
            None => DumpOption::None,
        });
        self.changed(|definition| {
            definition.handler = Handler::Dynamic(Arc::clone(&per_context.handler));
            definition.per_context = Some(per_context);
        })
    }

    /// Returns the definition with another handler.
    pub(crate) fn handled_by(self, handler: Handler) -> Self {
        self.changed(|definition| definition.handler = handler)
    }

    /// Returns the definition with another handler, and without a setup or a dump.
    #[cfg(feature = "client")]
    pub(crate) fn answered_by(self, handler: Handler) -> Self {
        self.changed(|definition| {
            definition.handler = handler;
            definition.dump = None;
            definition.make_per_context = None;
            definition.per_context = None;
        })
    }

    /// Returns the definition with another dump.
    #[cfg(feature = "recording")]
    pub(crate) fn dumped_by(self, dump: Arc<DefinedDump>) -> Self {
        self.changed(|definition| definition.defined_dump = Some(dump))
    }

    /// Returns the same function under another name.
    pub(crate) fn renamed(self, name: String) -> Self {
        self.changed(|definition| definition.facts.name = name.into())
    }

    fn facts(&self) -> &Facts {
        self.0.facts()
    }

    fn attributes(&self) -> Attributes {
        self.facts().attributes()
    }

    /// The name on the wire, `scope:function`.
    pub fn name(&self) -> &str {
        &self.facts().name
    }

    /// Returns a name that can be stored. It is not copied if it is a constant.
    pub(crate) fn owned_name(&self) -> Cow<'static, str> {
        self.facts().name.clone()
    }

    /// The kind: static, query, action or event.
    pub fn kind(&self) -> FunctionKind {
        self.facts().kind
    }

    /// The side that the function runs on.
    pub fn side(&self) -> Side {
        self.facts().side
    }

    /// The codec in which arguments and results are written.
    pub fn encoding(&self) -> Encoding {
        self.facts().encoding
    }

    /// The parameters that a caller sends, in order.
    pub fn parameters(&self) -> &[Parameter] {
        &self.facts().parameters
    }

    /// The doc comment.
    pub fn description(&self) -> &str {
        &self.facts().description
    }

    /// The place in the source that defines the function.
    pub fn location(&self) -> SourceLocation {
        self.0.location()
    }

    /// Returns whether clients may cache the results of a query, if they ask for that. The result of a static function may always
    /// be cached.
    pub fn is_cacheable(&self) -> bool {
        self.attributes().cacheable
    }

    /// Returns whether a dump answers every call with the result of a call without arguments.
    pub fn is_snapshot(&self) -> bool {
        self.attributes().snapshot
    }

    /// The note of its `#[deprecated]`, which may be empty. `None` if the function is not deprecated.
    pub fn deprecated(&self) -> Option<&str> {
        self.attributes().deprecated
    }

    /// The title for people.
    pub fn title(&self) -> Option<&str> {
        self.facts().attributes.as_ref()?.title()
    }

    /// The description for agents. `None` if agents may not call the function.
    pub fn agent(&self) -> Option<AgentOptions> {
        self.attributes().agent
    }

    /// The role that a caller must have.
    pub fn role(&self) -> Option<&'static str> {
        self.attributes().role
    }

    /// Returns the layer that the option `layer` names, if it is a `T`.
    pub(super) fn layer<T: Any>(&self) -> Option<&'static T> {
        self.facts().layer?.downcast_ref()
    }

    /// How long a call may run.
    pub fn timeout(&self) -> Option<Duration> {
        self.attributes().timeout
    }

    /// The arguments and the result as JSON Schema, as far as their types implement `schemars::JsonSchema`.
    #[cfg(feature = "typescript")]
    pub fn schema(&self) -> FunctionSchema {
        match self.foreign_schema() {
            Some(schema) => schema.clone(),
            None => FunctionSchema::new(self.types(), self.parameters().len(), self.side()),
        }
    }

    /// Returns the schema of a function of another process.
    #[cfg(feature = "typescript")]
    pub(crate) fn foreign_schema(&self) -> Option<&FunctionSchema> {
        self.facts().foreign.as_deref()
    }

    /// Returns the schemas of the function's types.
    #[cfg(feature = "typescript")]
    pub(crate) fn types(&self) -> Types {
        self.facts().types
    }

    /// Returns the variants of its errors. There are none if they travel as their message.
    #[cfg(feature = "typescript")]
    pub(crate) fn errors(&self) -> &'static [ErrorVariant] {
        self.facts().errors
    }

    /// Returns whether the handler is a closure that does not wait, so that a call cannot be stopped.
    pub(crate) fn runs_at_once(&self) -> bool {
        self.0.changed().is_some_and(|it| it.runs_at_once)
    }

    /// Returns the same function, as one that passes its calls to another process.
    pub(super) fn forwarding(self) -> Self {
        self.changed(|definition| definition.forwards = true)
    }

    /// Returns whether the handler passes the call to another process and only waits here.
    pub(crate) fn forwards(&self) -> bool {
        self.0.changed().is_some_and(|it| it.forwards)
    }

    fn per_context(&self) -> Option<&PerContext> {
        self.0.changed()?.per_context.as_ref()
    }

    /// Returns whether the function is set up once for each context.
    pub(crate) fn is_set_up(&self) -> bool {
        self.per_context().is_some()
    }

    /// Returns the setup that the context keeps, if the function is set up.
    pub(crate) fn slot(&self) -> Option<Arc<dyn Any + Send + Sync>> {
        self.per_context().map(|state| Arc::clone(&state.slot))
    }

    fn defined_dump(&self) -> Option<&Arc<DefinedDump>> {
        self.0.changed()?.defined_dump.as_ref()
    }

    /// Returns whether the function has a dump that does not come from its setup.
    pub(crate) fn has_dump(&self) -> bool {
        self.0.dump_option().is_some() || self.defined_dump().is_some()
    }

    /// Returns whether its setup, or the option `dump`, may return a dump.
    pub(crate) fn may_say_dump(&self) -> bool {
        self.has_dump() || self.is_set_up()
    }

    /// Computes the dump of the function. The dump of a setup wins over the others.
    pub(crate) async fn dump(&self, scope: SharedScope) -> Result<Option<WrittenDump>, BoxError> {
        if let Some(state) = self.per_context() {
            if let Some(dump) = (state.dump)(SharedScope::clone(&scope)).await? {
                return Ok(Some(dump));
            }
        }
        match (self.0.dump_option(), self.defined_dump()) {
            (Some(option), _) => option(scope).await,
            (None, Some(defined)) => defined(scope).await,
            (None, None) => Ok(None),
        }
    }

    /// Returns the references that the function takes.
    pub(crate) fn injected(&self) -> &'static [Injection] {
        self.facts().injected
    }

    /// Begins a call.
    pub(super) fn begin(&self, call: Call<'_>) -> Started {
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
        self.0.handler()
    }

    /// Returns whether this is a definition of `F`.
    pub(crate) fn is<F: 'static>(&self) -> bool {
        self.identity() == Some(TypeId::of::<F>())
    }

    fn identity(&self) -> Option<TypeId> {
        Some(self.facts().identity?())
    }

    /// Returns whether both define the same function: the same annotated one, or the same closure.
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

    /// Returns whether JavaScript callers may send the arguments as JSON.
    ///
    /// They refuse an explicit `undefined` there, so the arguments of a function with optional parameters travel as structured
    /// clone ([protocol 2.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#23-json)).
    pub(crate) fn takes_json(&self) -> bool {
        self.encoding() == Encoding::Json
            && !self.parameters().iter().any(|parameter| parameter.optional)
    }
}

crate::debug_impl! {
    FunctionDefinition as it { name: it.name(), kind: it.kind(), location: it.location(), .. }
}
