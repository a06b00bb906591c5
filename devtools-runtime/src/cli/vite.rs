//! The settings that a Vite plugin passes to the program that it starts, in the environment, which other users of the
//! machine cannot read.

use std::path::Path;

use crate::DevToolsBuilder;
use crate::function::BoxError;
use crate::protocol::vite::{ViteConfig, ViteProcess};

/// The variable with a token that the plugin signs in with.
const TOKEN: &str = "DEVTOOLS_RUNTIME_TOKEN";

/// The variable with the path of a file that describes the Vite process, as JSON. A program that has it was started by a plugin.
const FILE: &str = "DEVTOOLS_RUNTIME_VITE";

/// Returns the token in the environment.
pub(super) fn token() -> Result<Option<String>, BoxError> {
    variable(TOKEN)
}

/// Returns `true` if a Vite plugin has started the program.
pub(super) fn is_parent() -> bool {
    std::env::var_os(FILE).is_some()
}

/// Adds the configuration of the Vite project, if a Vite plugin has started the program.
pub(super) fn configure(builder: DevToolsBuilder) -> Result<DevToolsBuilder, BoxError> {
    match variable(FILE)? {
        Some(file) => Ok(builder.vite_config(read(Path::new(&file))?)),
        None => Ok(builder),
    }
}

fn variable(name: &str) -> Result<Option<String>, BoxError> {
    match std::env::var_os(name) {
        None => Ok(None),
        Some(value) => match value.into_string() {
            Ok(value) => Ok(Some(value)),
            Err(_) => Err(format!("the variable {name} is not valid Unicode").into()),
        },
    }
}

fn read(file: &Path) -> Result<ViteConfig, BoxError> {
    let file_of = || format!("the file {}, which {FILE} names,", file.display());
    let text =
        std::fs::read(file).map_err(|error| format!("{} could not be read: {error}", file_of()))?;
    let process: ViteProcess = serde_json::from_slice(&text)
        .map_err(|error| format!("{} does not describe a Vite process: {error}", file_of()))?;
    Ok(process.config)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn the_file_of_a_plugin_is_read_and_errors_name_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("vite.json");
        let error = read(&file).unwrap_err().to_string();
        assert!(
            error.contains("vite.json") && error.contains("could not be read"),
            "{error}"
        );

        std::fs::write(
            &file,
            r#"{"protocol":1,"config":{"root":"/project","extra":[1]}}"#,
        )
        .unwrap();
        let config = read(&file).unwrap();
        assert_eq!(config.root.to_str(), Some("/project"));
        assert_eq!(config.other["extra"], serde_json::json!([1]));

        std::fs::write(&file, r#"{"protocol":1}"#).unwrap();
        let error = read(&file).unwrap_err().to_string();
        assert!(
            error.contains("vite.json") && error.contains("`config`"),
            "{error}"
        );
    }
}
