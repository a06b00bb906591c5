#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(all(feature = "server", feature = "client")),
    allow(dead_code, reason = "the halves of a connection that nobody opens")
)]

extern crate self as devtools_runtime;

mod blocking;
mod devtools;
mod dump;
mod function;
mod host;
mod macros;
mod panel;
mod peer;
mod protocol;
mod state;
mod streaming;
mod wire;

#[cfg(all(doctest, feature = "client"))]
#[doc = include_str!("../../docs/layers.md")]
mod layers_guide {}

pub mod layers;

#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "client")]
mod client;
#[cfg(feature = "server")]
mod server;
#[cfg(feature = "typescript")]
mod typescript;

// Its program about types needs the feature, and is shown without a line that says so.
#[cfg(all(doctest, feature = "typescript"))]
#[doc = include_str!("../../docs/from-the-typescript-kit.md")]
mod guide {}

#[cfg(all(doctest, feature = "server"))]
#[doc = include_str!("../../docs/serving.md")]
mod serving {}

#[cfg(all(doctest, feature = "client"))]
#[doc = include_str!("../../docs/static-builds.md")]
mod static_builds {}

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

/// Types that structured clone knows and JSON does not: `Map`, `Set`, `Date`, `BigInt` and others.
pub mod js {
    pub use crate::wire::js::*;
}

/// Marks a type as state of a plugin, which functions take by reference.
///
/// One value of the type is put into the context, with [`DevToolsContext::insert_state`]; each function
/// with a `&T` parameter is given it. A server whose functions need state that nobody put in is not
/// built, and says which.
///
/// ```standalone_crate
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use devtools_runtime::{PluginState, rpc_function};
///
/// #[derive(Default, PluginState)]
/// struct Visits(AtomicU64);
///
/// #[rpc_function(name = "my-plugin:visit", kind = "action")]
/// fn visit(visits: &Visits) -> u64 {
///     visits.0.fetch_add(1, Ordering::Relaxed) + 1
/// }
///
/// assert_eq!(visit(&Visits::default()), 1);
/// ```
///
/// The type has no parameters. Where the runtime is not at `::devtools_runtime`, `#[devtools(crate = path)]`
/// says where.
pub use devtools_macros::PluginState;

/// Lets an error reach its caller as what it is, and not as a message alone.
///
/// A function may fail with any [`Error`](std::error::Error); what a caller then gets is its message, as
/// [`CallError::Remote`]. With this derive, a Rust caller gets the same error back, as [`CallError::Function`],
/// over every transport, and a JavaScript caller can ask for its code and data.
///
/// ```
/// use devtools_runtime::{CallError, DevTools, RpcError, rpc_function};
///
/// #[derive(Debug, PartialEq, thiserror::Error, RpcError)]
/// pub enum ReadError {
///     #[error("no file at `{path}`")]
///     NotFound { path: String },
///     #[rpc_error(code = "too-large")]
///     #[error("the file has {0} bytes, and {1} may be read")]
///     Size(u64, u64),
///     #[error("cannot read from the disk")]
///     Io(#[from] IoError), // internal: it holds a source
/// }
/// # #[derive(Debug, PartialEq, thiserror::Error)]
/// # #[error("EIO")]
/// # pub struct IoError;
///
/// #[rpc_function(name = "my-plugin:read-file")]
/// fn read_file(path: String) -> Result<String, ReadError> {
///     match &*path {
///         "/broken" => Err(IoError)?,
///         _ => Err(ReadError::NotFound { path }),
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let devtools = DevTools::builder().build().await?;
/// let rpc = devtools.client(); // or a connection over a socket
///
/// match ReadFile::call(&rpc, "/nope").await {
///     Err(CallError::Function(ReadError::NotFound { path })) => assert_eq!(path, "/nope"),
///     other => panic!("{other:?}"),
/// }
/// match ReadFile::call(&rpc, "/broken").await {
///     Err(CallError::Remote(error)) => {
///         assert_eq!(error.message, "internal error");
///         assert_eq!(error.code.as_deref(), Some("io"));
///     }
///     other => panic!("{other:?}"),
/// }
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// # What travels
///
/// - **The code** of the variant: its name in kebab-case, or `#[rpc_error(code = "too-large")]`. Of a struct it is
///   the struct's own name.
/// - **The message**: what [`Display`](std::fmt::Display) writes, and nothing of the [sources](std::error::Error::source).
/// - **The data**: the variant's fields, as serde writes a variant's. Named fields are an object, one unnamed
///   field is the data itself, several are a list. Serde's `rename`, `rename_all` and `rename_all_fields` are
///   followed; for anything else, such as `flatten`, hold one struct that derives serde's traits. The error
///   itself need not be serializable.
///
/// # What does not
///
/// Of an **internal** variant the caller gets the code, and `internal error` in place of the message. What it
/// says and what it holds stay in the process, where a warning has the function, the session, and the error
/// with its sources. Its fields may be of any type.
///
/// A variant is internal if it is marked `#[rpc_error(internal)]`, and also if it is not marked and holds another
/// error, in the way `thiserror` sees it: a field `source`, `#[source]`, `#[from]` or `#[backtrace]`, or
/// `#[error(transparent)]`. What another error says may be anything, file names and addresses included. To show
/// it nevertheless, mark the variant `#[rpc_error(public)]`; all its fields then travel, the other error too.
///
/// # Versions
///
/// A code that the caller does not know, or data that does not fit, is [`CallError::Remote`] with the message,
/// [`code`](RemoteError::code) and [`data`](RemoteError::data). So is an internal variant. A field that is missing
/// reads as `None`, and an additional one is ignored.
///
/// # In JavaScript
///
/// The client of the ecosystem keeps the message of an error and drops everything else, wherever it stands. So
/// code and data are the last line of the message, which is readable as it is:
///
/// ```text
/// no file at `/nope`
/// [code: not-found, data: {"path":"/nope"}]
/// ```
///
/// `asRpcError` takes it apart, whichever client the error came from. The server serves it with `client.js`, whose
/// own errors have the line taken off already and carry `code` and `data`:
///
/// ```js
/// import { asRpcError } from '/__devtools/client.js'
///
/// try {
///   await rpc.call('my-plugin:read-file', '/nope')
/// }
/// catch (error) {
///   const { code, data, message } = asRpcError(error) // code is undefined if it has none
///   if (code === 'not-found')
///     offerToCreate(data.path)
/// }
/// ```
///
/// The data is JSON, in functions with structured clone too. A JavaScript function that throws an `Error` with such
/// a line has a typed error for its Rust caller.
///
/// # Elsewhere
///
/// Closures ([`define_rpc_function`]) may fail with [`RemoteError`], which every [`trait@RpcError`] becomes by `?`.
///
/// Where the runtime is not at `::devtools_runtime`, `#[rpc_error(crate = path)]` on the type says where.
pub use devtools_macros::RpcError;

/// Declares a streaming channel for both sides.
///
/// The struct says what a chunk is, and stands for the channel; it is never built. With it come
///
/// | | |
/// |---|---|
/// | `Chat::NAME`, `Chat::options()` | what the channel is called, and the [`ChannelOptions`] of the attribute |
/// | `Chat::create(ctx)` | the [`Channel`], for the server, which creates it once |
/// | `Chat::create_with(ctx, Chat::options().retention(…))` | the same with more options |
/// | `Chat::subscribe(&rpc, id)` | a [`StreamReader`], for a client |
/// | `Chat::upload(&rpc, id)` | an [`UploadSink`], for a client |
///
/// ```standalone_crate
/// use devtools_runtime::{
///     Channel, DevTools, DevToolsContext, DevToolsPlugin, PluginState, SetupError, rpc_channel,
///     rpc_function,
/// };
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// pub struct Token {
///     text: String,
/// }
///
/// /// Answers, token by token.
/// #[rpc_channel(name = "my-plugin:answers", replay = 1000)]
/// pub struct Answers(Token);
///
/// #[derive(PluginState)]
/// struct Model {
///     answers: Channel<Token>,
/// }
///
/// /// Begins an answer, and gives its id.
/// #[rpc_function(name = "my-plugin:answer", kind = "action")]
/// fn answer(model: &Model, question: String) -> String {
///     let sink = model.answers.start();
///     let id = sink.id().to_owned();
///     tokio::spawn(async move {
///         for word in question.split(' ').rev() {
///             let text = word.to_owned();
///             sink.write(&Token { text }).await?;
///         }
///         sink.close();
///         Ok::<_, devtools_runtime::WriteError>(())
///     });
///     id
/// }
///
/// struct MyPlugin;
///
/// impl DevToolsPlugin for MyPlugin {
///     fn name(&self) -> &'static str {
///         "my-plugin"
///     }
///
///     async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
///         let answers = Answers::create(ctx)?;
///         ctx.insert_state(Model { answers })?;
///         Ok(())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let devtools = DevTools::builder().plugin(MyPlugin).build().await?;
/// let rpc = devtools.client();
/// let mut tokens = Answers::subscribe(&rpc, &Answer::call(&rpc, "why not").await?);
/// let mut answer = Vec::new();
/// while let Some(token) = tokens.next().await {
///     answer.push(token?.text);
/// }
/// assert_eq!(answer, ["not", "why"]);
/// # Ok(())
/// # }
/// ```
///
/// What is declared is known without creating it: `DevTools::typescript` (feature `typescript`) has the type of its chunks.
///
/// # Options
///
/// | option | default | |
/// |---|---|---|
/// | `name = "scope:channel"` | the package's name and the struct's, in kebab-case | the name on the wire |
/// | `replay = 100` | 0 | [how many chunks](ChannelOptions::replay) are kept for those who come late |
/// | `encoding = "structured-clone"` | `json` | [the codec](ChannelOptions::encoding) the server writes chunks in |
/// | `direction = "uploads"` | `streams` | [which way](ChannelOptions::direction) the chunks go, for TypeScript: `streams`, `uploads` or `both` |
/// | `crate = path` | `::devtools_runtime` | where this crate is, for crates that re-export it |
pub use devtools_macros::rpc_channel;

/// Makes a free function callable over the wire.
///
/// The function stays as written. Beside it comes a type of its name in `PascalCase`, with its
/// visibility: its identity, an `enum` that is never built. It implements [`RpcFunction`] and carries
///
/// | | |
/// |---|---|
/// | `GetModule::NAME`, `GetModule::KIND` | what the function is called, and what it is for |
/// | `GetModule::definition()` | its [`FunctionDefinition`], for a registry |
/// | `GetModule::call(&rpc, …).await` | a call by a client, or of a client through an [`RpcSession`] |
/// | `GetModule::call_optional(&rpc, …).await` | the same, `None` if the other side has no such function |
/// | `Saved::notify(&rpc, …).await` | for an event, in their place: resolves once it is queued |
/// | `GetModule::invoke_local(ctx, …).await` | a call within the server, without serialization |
/// | `Reloaded::broadcast(ctx, …).await` | for an event of the client: sent to every session |
///
/// ```
/// use devtools_runtime::{DevToolsContext, rpc_function};
///
/// /// Says where the tool works.
/// #[rpc_function(name = "my-plugin:get-root")]
/// fn get_root(ctx: &DevToolsContext) -> String {
///     ctx.cwd().display().to_string()
/// }
///
/// /// A declaration: the panel implements it, and the server calls it.
/// #[rpc_function(name = "my-plugin:confirm", kind = "action", side = "client")]
/// async fn confirm(question: String, details: Option<String>) -> bool;
///
/// assert_eq!(GetRoot::NAME, "my-plugin:get-root");
/// ```
///
/// # Options
///
/// | option | default | |
/// |---|---|---|
/// | `name = "scope:function"` | the package's name and the function's, in kebab-case | the name on the wire |
/// | `kind = "query"` | `query` | `query`, `static`, `action` or `event`: see [`FunctionKind`] |
/// | `as = OtherName` | the function's name in `PascalCase` | the name of the type |
/// | `side = "client"` | `server` | the side the function runs on |
/// | `encoding = "structured-clone"` | `json` | the codec it is written in: see [`Encoding`] |
/// | `setup` | | the function runs once per context, and returns the handler of the calls: see [below](#setup) |
/// | `cacheable` | | for a query: clients that ask for it may keep the results |
/// | `snapshot` | | for a query: a dump holds the result of a call without arguments, for all calls whatever their arguments |
/// | `dump = path` | | for a query: the function that says what a dump holds of it, see [`Dump`] |
/// | `title = "…"` | | what people call it |
/// | `agent`, `agent(safety = "destructive", title = "…", tags = ["…"])` | not for agents | agents may call it; the safety is `read` for queries and static functions, `action` for others, or `destructive` |
/// | `blocking` | | for a function that is not `async`: it runs on a thread where it may block: how many do at once says [`Limits::blocking_calls`] |
/// | `timeout = "5s"` | none | how long a call may run; also `ms`, `m` and `h` |
/// | `role = "admin"` | | sessions with this role may call it, and no others: see [`layers`](crate::layers#who-may-call-what) |
/// | `layer = path` | | a function around its calls: see [`layers`](crate::layers) |
/// | `public_errors` | | callers may read errors that are internal otherwise: see [below](#results) |
/// | `implements = path` | | what another crate declares: see [below](#declarations-and-implementations) |
/// | `crate = path` | `::devtools_runtime` | where this crate is, for crates that re-export it |
///
/// The doc comment is the function's description. `#[deprecated]` on the function warns callers of `GetData::call` and its like, and is in
/// the declarations as `@deprecated`.
///
/// # Parameters
///
/// References are supplied by the runtime: `&DevToolsContext`, `&RpcSession` (who calls), and `&T` for any
/// `T` that derives [`PluginState`](derive@PluginState). Everything else is owned and comes from the caller,
/// at most eight values. Trailing `Option`s may be left out; absent, `null` and `undefined` are all `None`.
///
/// A caller cannot leave out an argument in the middle, so an `Option` before a required parameter is refused.
/// Where callers are to pass `null` or a value, `#[rpc(nullable)]` before the parameter says so; in the type of a
/// setup's handler, where formatters drop attributes, a name for the type does: `type Filter = Option<String>;`.
///
/// ```
/// # use devtools_runtime::rpc_function;
/// #[rpc_function(name = "my-plugin:find-modules")]
/// fn find_modules(#[rpc(nullable)] filter: Option<String>, limit: usize) -> Vec<String> {
///     # vec![filter.unwrap_or_default(); limit]
///     // …
/// }
/// ```
///
/// # Validation
///
/// With the feature `validate`, an argument whose type implements [`garde::Validate`](https://docs.rs/garde/0.22) (0.22, with
/// the context `()`) is checked before the function runs, wherever the call comes from: a connection, memory, a dump, or
/// `invoke_local`. `Option`s, lists and maps are checked in what they hold, as garde does. The caller's error names position,
/// path and rule (DF0043 of [protocol 11](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#11-errors-by-name)), and is a [`CallError::Argument`] within the process. The path has the names that the value
/// is written with, such as `maxKb` for `max_kb`, where they differ by case and separators alone.
///
/// ```
/// use devtools_runtime::rpc_function;
/// use garde::Validate;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize, Validate)]
/// struct FetchOptions {
///     #[garde(range(min = 1, max = 5))]
///     retries: u32,
/// }
///
/// // argument 1 (`options`) of `my-plugin:fetch`: `retries`: greater than 5
/// #[rpc_function(name = "my-plugin:fetch")]
/// fn fetch(options: FetchOptions) -> u32 {
///     options.retries
/// }
/// ```
///
/// A result whose type implements it is checked in debug builds, or where
/// [`check_results`](DevToolsBuilder::check_results) asks for that. Types without it are taken as serde reads them, and so are
/// those that want another context. Closures of [`define_rpc_function`] are generic over their types, so theirs are not
/// checked: such a handler calls `validate` itself.
///
/// # Results
///
/// `T` or `Result<T, E>`, told apart by the type itself. The caller gets an `Error` with a message, by what `E` is:
///
/// | `E` | the caller gets | Rust callers have |
/// |---|---|---|
/// | derives [`RpcError`](derive@RpcError) | message, code and data, or `internal error` where a variant is internal | the same `E` |
/// | any other [`Error`](std::error::Error) | its message | its message |
/// | `String`, `&'static str` | the text | [`RemoteError`] |
/// | [`RemoteError`] in a box | message, code and data | [`RemoteError`] |
/// | `anyhow::Error`, `Box<dyn Error + Send + Sync>` | `internal error` and an id | [`RemoteError`] |
///
/// The text of an internal error, with its causes, goes to the log under that id: it may hold paths, queries or secrets. The text of
/// a panic does, too. With the option `public_errors` callers read text and causes of a boxed error, and
/// [`DevToolsBuilder::reveal_errors`] shows all of them while a program is developed.
///
/// # Setup
///
/// A function with the option `setup` runs once per context, at the first call, and returns what handles
/// the calls. The types of the call are those in its return type; they are written out there, parameters
/// with or without names.
///
/// ```
/// use devtools_runtime::{DevToolsContext, Setup, rpc_function};
///
/// #[rpc_function(name = "my-plugin:get-path", setup)]
/// async fn get_path(ctx: &DevToolsContext) -> Setup<fn(file: String) -> String> {
///     let root = ctx.cwd().to_owned();
///     Setup::handler(move |file: String| root.join(file).display().to_string())
/// }
/// ```
///
/// It takes references alone, to the context and to plugins' state. It may return a `Result` of a [`Setup`]:
/// the error answers the calls that waited for it, and a later call tries again; so it is with a panic.
/// First calls that come together share one run, which goes on if they give up. A `timeout` is that of a
/// call, also while it waits for the setup.
///
/// # Declarations and implementations
///
/// A function without a body is a declaration: it has the wrappers, and runs elsewhere. Another crate
/// implements one of the server with `implements`, which takes name, kind and all else that callers see from
/// there. Types that differ from the declared ones do not compile.
///
/// ```
/// mod api {
///     use devtools_runtime::rpc_function;
///
///     /// Looks a module up.
///     #[rpc_function(name = "my-plugin:measure", cacheable)]
///     pub async fn measure(id: String) -> Option<u64>;
/// }
///
/// use devtools_runtime::rpc_function;
///
/// #[rpc_function(implements = api::Measure)]
/// fn measure(id: String) -> Option<u64> {
///     id.len().try_into().ok()
/// }
///
/// assert_eq!(Measure::NAME, "my-plugin:measure");
/// ```
///
/// # Registration
///
/// A function with a body is collected when the program is linked, and every server the program builds
/// starts with all of them. Two things to know: a crate that a program depends on but never names is not
/// linked (`use my_functions as _;` names it), and the doc tests of a crate are one program, unless they are
/// marked `standalone_crate`.
pub use devtools_macros::rpc_function;

/// Declares a shared state for both sides.
///
/// The struct says what the value is, and stands for the state; it is never built. With it come
///
/// | | |
/// |---|---|
/// | `Progress::NAME`, `Progress::options()` | the key, and the [`StateOptions`] of the attribute |
/// | `Progress::create(ctx, initial)` | the [`SharedState`], for the server: made with `initial` if there is none yet |
/// | `Progress::create_with(ctx, initial, options)` | the same with other options |
/// | `Progress::open(&rpc).await` | the same for a client, as `rpc.shared_state` gives it |
/// | `Progress::open_or(&rpc, initial).await` | the same, as `rpc.shared_state_or` gives it |
///
/// ```standalone_crate
/// use devtools_runtime::{DevTools, rpc_shared_state};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Default, Serialize, Deserialize)]
/// pub struct Steps {
///     done: u32,
/// }
///
/// /// How far it is.
/// #[rpc_shared_state(name = "my-plugin:progress")]
/// pub struct Progress(Steps);
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let devtools = DevTools::builder().build().await?;
/// let progress = Progress::create(devtools.context(), Steps::default())?;
/// progress.mutate(|steps| steps.done += 1)?;
///
/// let rpc = devtools.client();
/// assert_eq!(Progress::open(&rpc).await?.value().done, 1);
/// # Ok(())
/// # }
/// ```
///
/// What is declared is known without creating it: `DevTools::typescript` (feature `typescript`) has its type.
///
/// # Options
///
/// | option | default | |
/// |---|---|---|
/// | `name = "scope:name"` | the package's name and the struct's, in kebab-case | the key on the wire |
/// | `patches` | | clients are told [what is different](StateOptions::patches), and not the whole value |
/// | `read_only` | | [only the program](StateOptions::read_only) changes it |
/// | `crate = path` | `::devtools_runtime` | where this crate is, for crates that re-export it |
pub use devtools_macros::rpc_shared_state;

#[cfg(feature = "server")]
pub use self::devtools::{BindError, ServeError, Server};
pub use self::devtools::{BuildError, DevTools, DevToolsBuilder};
pub use self::dump::check::{DumpCheck, check_dump};
pub use self::dump::diff::{Change, DumpDiff, FileDiff, FunctionDiff};
pub use self::dump::failure::DumpError;
pub use self::dump::options::{DumpOptions, DumpProgress};
#[cfg(feature = "client")]
pub use self::dump::preview::{MissedCall, MissedCalls, PreviewError, StaticPreview};
pub use self::dump::report::{
    DumpReport, DumpedFunction, FailedFunction, FailedRecord, NotStatic, NotStaticReason,
};
pub use self::function::{AgentInfo, FunctionInfo, ParameterInfo};
pub use self::function::{
    AgentOptions, AgentSafety, AsyncHandlerOf, ComputeDump, Dump, DumpOf, DumpedBy,
    FunctionOptions, HandlerOf, HandlerSignature, InjectIntoSetup, Setup,
};
pub use self::function::{
    Apply, ArgumentError, CallError, ClientHandler, Delivery, DuplicateFunction,
    FunctionDefinition, FunctionKind, FunctionList, Implementation, Inject, MissingState,
    NotifyError, Parameter, Place, PluginState, RemoteError, RpcArgument, RpcArguments, RpcError,
    RpcErrorField, RpcFunction, RpcFunctionBuilder, RpcOutput, Side, define_rpc_function,
};
pub use self::host::{
    ActionDock, BadgeVariant, ClientScript, Command, CommandError, Commands, CustomRenderDock,
    DockEntry, DockError, DockView, Docks, GroupDock, IframeDock, JsonRenderDock, LauncherDock,
    LauncherStatus,
};
pub use self::host::{
    Audience, Auth, AuthCode, BroadcastReply, Broadcasting, DevToolsContext, DevToolsPlugin,
    DuplicateState, EmbeddedFile, FunctionChanges, Gate, Mode, RegisterError, RpcHost, RpcSession,
    ScopedContext, SessionTransport, SetupError, SharedStates, StaticFiles, Stats, StreamingHost,
    Token, Utils, ViewError, Views, ViteConfig, ViteServer,
};
pub use self::peer::{
    Caller, Calling, CallingOptional, Limits, Notifying, SessionStats, UntrustedLimits, WhenFull,
    WithFunctions,
};
pub use self::protocol::docks::DockActivation;
pub use self::state::{
    MutateError, RpcSharedState, SharedState, SharedStateError, SharedValue, StateOptions,
};
pub use self::streaming::{
    Backpressure, CancelReason, Cancellation, Channel, ChannelDirection, ChannelError,
    ChannelOptions, ChannelStats, IntoChunk, RpcChannel, RpcChunk, StartError, StreamError,
    StreamSink, UploadError, UploadReader, WhenUploadFull, WriteError,
};
pub use self::wire::Encoding;

#[cfg(feature = "client")]
pub use self::client::{
    Backoff, ClientTransport, ConnectError, ConnectWithFunctions, ConnectionStatus,
    DevToolsRpcClient, DevToolsRpcClientBuilder, client_context, set_client_context,
};
#[cfg(feature = "client")]
pub use self::streaming::{ReaderOptions, StreamReader, StreamingClient, UploadSink};
// Beside the macro, in the namespace of types: `use devtools_runtime::call;` brings the trait into scope.
#[cfg(feature = "client")]
#[doc(hidden)]
pub use self::client::ConnectWithFunctions as call;
#[cfg(feature = "typescript")]
pub use self::function::{DescribedTypes, FunctionSchema};
#[cfg(feature = "typescript")]
pub use self::host::UnknownFunction;
#[cfg(feature = "server")]
pub use self::server::{DevToolsService, ResponseBody};
#[cfg(feature = "typescript")]
pub use self::typescript::{KeyedBy, TypeScriptOptions, TypesError};
