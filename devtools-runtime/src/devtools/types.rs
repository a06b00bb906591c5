//! What a program says of the types of its functions, channels and shared states.

use std::path::Path;

use crate::devtools::DevTools;
use crate::typescript::{self, Surface, TypeScriptOptions, TypesError};

impl DevTools {
    /// The declarations of this program's functions for TypeScript, as the text of a `.d.ts` file.
    ///
    /// As [`typescript_with`](Self::typescript_with) with the default options.
    ///
    /// # Errors
    ///
    /// As [`typescript_with`](Self::typescript_with).
    pub fn typescript(&self) -> Result<String, TypesError> {
        self.typescript_with(&TypeScriptOptions::new())
    }

    /// The declarations of this program's functions for TypeScript, as the text of a `.d.ts` file.
    ///
    /// It holds
    ///
    /// - the types that the functions take and return, each once, where they derive `schemars::JsonSchema`; other types are `unknown`;
    /// - an interface of the functions that panels call, and one of those that the server calls in panels, with the doc comments;
    /// - one of the shared states with what they hold, one of the channels with what their streams consist of, and one with what uploads
    ///   to them do: those that [`rpc_shared_state`](macro@crate::rpc_shared_state) and [`rpc_channel`](macro@crate::rpc_channel)
    ///   declare, created or not, and those that plugins have created, which are `unknown` unless they are
    ///   [`described`](crate::state::SharedState::described);
    /// - what makes the clients of `@vitejs/devtools-kit` and of `devframe` know the functions and the shared states. They have no
    ///   interface for channels: there, panels name the type, `rpc.streaming.subscribe<MyPluginChannels['my-plugin:chat']>(…)`.
    ///
    /// Types are as serde reads and writes them. Where the two differ, what is read is `ModuleInput`. In functions that travel as structured clone
    /// the types of [`js`](crate::js) are what they are there, such as `Map` and `Date`; where a type then differs from what it is in JSON, it is
    /// `ModuleClone`. A type that shares its name with another one gets a number behind it, as do the instances of a
    /// generic type; `#[schemars(rename = "Page_of_{T}")]` names them.
    ///
    /// The same program has the same text. The file is to be a `.d.ts`, beside the code of the panel, which need not import it: modules
    /// that it augments are imported there, and need not be installed.
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
    /// [`TypesError`], if a type says of itself what TypeScript cannot say; it names the type and the field.
    pub fn typescript_with(&self, options: &TypeScriptOptions) -> Result<String, TypesError> {
        typescript::declarations(&Surface::of(self.context()), options)
    }

    /// The functions of this program as an [OpenRPC](https://spec.open-rpc.org) document, indented: what
    /// [`typescript_with`](Self::typescript_with) declares, with the same names of types, as JSON Schema.
    ///
    /// Title and version are those of the [package](crate::DevToolsBuilder::package). Parameters are by position; an event has no
    /// result. Channels and shared states are in `x-channels` and `x-shared-states`, if there are any. `x-kind` is the kind of a function, and `x-side` and `x-encoding` are there if they
    /// are not `server` and `json`. In a function that is carried as structured clone, `x-js-class` is the class that a schema stands for.
    ///
    /// # Errors
    ///
    /// As [`typescript_with`](Self::typescript_with).
    pub fn openrpc_with(&self, options: &TypeScriptOptions) -> Result<String, TypesError> {
        typescript::openrpc(&Surface::of(self.context()), options)
    }

    /// The functions, channels and shared states of this program with the shapes of their types, as the text of a `schema.lock`: what later versions are compared with, so that
    /// nobody breaks callers unawares (`types --lock FILE --check`).
    ///
    /// # Errors
    ///
    /// As [`typescript_with`](Self::typescript_with).
    pub fn schema_lock_with(&self, options: &TypeScriptOptions) -> Result<String, TypesError> {
        typescript::lock(&Surface::of(self.context()), options)
    }

    /// Asserts that a file holds the declarations of this program, for a test that fails when the file is stale.
    ///
    /// Where the variable `UPDATE_TYPES` is set, the file is written instead. A relative path is one from where the test runs, which is the
    /// folder of its package.
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
    /// If the file holds something else: the message has the lines that differ. If it cannot be read or written, or there are no declarations.
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
                "{} is not as the functions are (`UPDATE_TYPES=1 cargo test` writes it):\n{difference}",
                file.display()
            ),
            Err(error) => panic!("{}: {error}", file.display()),
        }
    }
}
