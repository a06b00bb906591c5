//! Writes the types of a program's functions, channels and shared states.

use std::path::Path;

use crate::devtools::handle::DevTools;
use crate::function::BoxError;
use crate::host::DevToolsContext;
use crate::typescript::{self, Surface, TypeScriptOptions, TypesError};

/// Writes the `OpenRPC` document of a context.
pub(super) fn write_openrpc(context: &DevToolsContext) -> Result<String, BoxError> {
    let document = typescript::openrpc(&Surface::of(context), &TypeScriptOptions::new());
    Ok(document?)
}

impl DevTools {
    /// Returns the TypeScript declarations of this program, as the text of a `.d.ts` file.
    ///
    /// The same as [`typescript_with`](Self::typescript_with) with the default options.
    ///
    /// # Errors
    ///
    /// As [`typescript_with`](Self::typescript_with).
    pub fn typescript(&self) -> Result<String, TypesError> {
        self.typescript_with(&TypeScriptOptions::new())
    }

    /// Returns the TypeScript declarations of this program, as the text of a `.d.ts` file.
    ///
    /// The file contains:
    ///
    /// - the argument and result types that derive `schemars::JsonSchema`, each once; other types are `unknown`;
    /// - an interface of the functions that panels call, and one of those that the server calls in panels, with doc
    ///   comments;
    /// - an interface of the shared states with their values, one of the channels with the chunks of their streams,
    ///   and one with the chunks of uploads. They list what [`rpc_shared_state`](macro@crate::rpc_shared_state) and
    ///   [`rpc_channel`](macro@crate::rpc_channel) declare, created or not, and what plugins have created, whose
    ///   types are `unknown` unless they are [`described`](crate::state::SharedState::described);
    /// - augmentations that tell the clients of `@vitejs/devtools-kit` and of `devframe` about functions and shared
    ///   states. These clients have no interface for channels; panels pass the type:
    ///   `rpc.streaming.subscribe<MyPluginChannels['my-plugin:chat']>(…)`.
    ///
    /// The types follow serde. If Rust reads another type than it writes, the read type is called `ModuleInput`. In
    /// functions that travel as structured clone, the types of [`js`](crate::js) are JavaScript classes such as `Map`
    /// and `Date`; a type that differs from its JSON form for that reason is called `ModuleClone`. A generic type has
    /// the names of its arguments in its own name; two types that share a name get the names of their modules.
    /// `#[schemars(rename = "Page_of_{T}")]` sets another name.
    ///
    /// The same program gives the same text. Save it as a `.d.ts` file beside the code of the panel, which need not
    /// import it. The file imports the modules that it augments, which need not be installed.
    ///
    /// ```
    /// use devtools_runtime::{DevTools, rpc_function};
    /// use schemars::JsonSchema;
    /// use serde::{Deserialize, Serialize};
    ///
    /// /// A module of the graph.
    /// #[derive(Serialize, Deserialize, JsonSchema)]
    /// struct Module {
    ///     id: String,
    ///     /// In bytes.
    ///     size: u64,
    /// }
    ///
    /// /// Looks a module up.
    /// #[rpc_function(name = "docs-of-types:get-module")]
    /// fn get_module(id: String, depth: Option<u8>) -> Option<Module> {
    ///     depth.map(|_| Module { id, size: 1024 })
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let devtools = DevTools::builder().without_collected().function(GetModule::definition()).build().await?;
    /// let text = devtools.typescript()?;
    /// assert!(text.contains("'docs-of-types:get-module': (id: string, depth?: number) => Promise<Module | null>"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`TypesError`], with the type and the field, if TypeScript cannot express a type.
    pub fn typescript_with(&self, options: &TypeScriptOptions) -> Result<String, TypesError> {
        typescript::declarations(&Surface::of(self.context()), options)
    }

    /// Returns the functions of this program as an [OpenRPC](https://spec.open-rpc.org) document, indented. It has the content of
    /// [`typescript_with`](Self::typescript_with), with the same names of types, as JSON Schema.
    ///
    /// Title and version are those of the [package](crate::DevToolsBuilder::package). Parameters are by position. An
    /// event has no result. `x-channels` and `x-shared-states` list channels and shared states, if there are any.
    /// `x-kind` is the kind of a function; `x-side` and `x-encoding` are present if they differ from `server` and
    /// `json`, and `x-role` if callers need a role. In a function that travels as structured clone, `x-js-class` is the class of a value.
    ///
    /// # Errors
    ///
    /// As [`typescript_with`](Self::typescript_with).
    pub fn openrpc_with(&self, options: &TypeScriptOptions) -> Result<String, TypesError> {
        typescript::openrpc(&Surface::of(self.context()), options)
    }

    /// Returns the text of a `schema.lock`: the functions, channels and shared states of this program with the shapes
    /// of their types. Compare later versions with it to find breaking changes (`types --lock FILE --check`).
    ///
    /// # Errors
    ///
    /// As [`typescript_with`](Self::typescript_with).
    pub fn schema_lock_with(&self, options: &TypeScriptOptions) -> Result<String, TypesError> {
        typescript::lock(&Surface::of(self.context()), options)
    }

    /// Asserts that a file contains the current declarations of this program. Use it in a test, which fails when the
    /// file is out of date.
    ///
    /// If the variable `UPDATE_TYPES` is set, the file is written instead. A relative path starts at the folder of
    /// the tested package.
    ///
    /// ```no_run
    /// # use devtools_runtime::DevTools;
    /// #[tokio::test]
    /// async fn the_types_are_fresh() -> Result<(), Box<dyn std::error::Error>> {
    ///     let devtools = DevTools::builder().build().await?;
    ///     devtools.assert_typescript("panel/src/rpc.d.ts");
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// If the file differs, with the differing lines in the message. Also if it cannot be read or written, or if a
    /// type cannot be declared.
    #[track_caller]
    pub fn assert_typescript(&self, file: impl AsRef<Path>) {
        let file = file.as_ref();
        let text = match self.typescript() {
            Ok(text) => text,
            Err(error) => panic!("{error}"),
        };
        let outcome = if std::env::var_os("UPDATE_TYPES").is_some() {
            typescript::write(file, &text).map(|()| None)
        } else {
            typescript::check(file, &text)
        };
        match outcome {
            Ok(None) => {}
            Ok(Some(difference)) => panic!(
                "{} is out of date (run `UPDATE_TYPES=1 cargo test` to update it):\n{difference}",
                file.display()
            ),
            Err(error) => panic!("{}: {error}", file.display()),
        }
    }
}
