//! The command of an editor.

use std::path::PathBuf;
use std::str::FromStr;

/// The editor that the [inspector](crate::inspector) opens source files in, for [`Inspector::editor`](crate::inspector::Inspector::editor).
///
/// It is parsed from a command: a program and its arguments, separated by spaces. Quotes of both kinds keep spaces
/// together. No shell reads it. For known editors, such as Visual Studio Code, the IDEs of `JetBrains`, Zed, Sublime
/// Text, Emacs, and Vim with a window, the file and the line are added in the form that the editor takes. Others get
/// the file. A command may also contain `{file}`, `{line}` and `{column}`, which are replaced.
///
/// ```
/// use devtools_runtime::inspector::Editor;
///
/// let code: Editor = "code".parse()?;
/// let other: Editor = "'/opt/my editor/run' --goto {file}#{line}".parse()?;
/// assert_eq!(other.program(), "/opt/my editor/run");
/// # Ok::<(), devtools_runtime::inspector::NoEditor>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Editor {
    pub(super) program: String,
    pub(super) arguments: Vec<String>,
    pub(super) source_root: Option<PathBuf>,
}

/// The error of a command that names no program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}: {reason}")]
pub struct NoEditor {
    problem: String,
    reason: &'static str,
}

impl Editor {
    /// Reads the command from the first of the variables `LAUNCH_EDITOR`, `VISUAL` and `EDITOR` that is set.
    ///
    /// # Errors
    ///
    /// If none is set, or the first one does not name a program.
    pub fn from_environment() -> Result<Self, NoEditor> {
        let set = |name| std::env::var(name).ok().filter(|it| !it.trim().is_empty());
        let found = ["LAUNCH_EDITOR", "VISUAL", "EDITOR"]
            .into_iter()
            .find_map(set);
        match found {
            Some(command) => command.parse(),
            None => Err(NoEditor {
                problem: "no editor is named".to_owned(),
                reason: "none of the variables LAUNCH_EDITOR, VISUAL and EDITOR is set",
            }),
        }
    }

    /// Sets the folder that relative paths of source files start from: the root of the workspace in which the program was compiled. Default: the
    /// first folder that contains the file, among the current one, the one of the program, [`workspace_root`](crate::DevToolsContext::workspace_root),
    /// and the folders above them.
    #[must_use]
    pub fn source_root(mut self, folder: impl Into<PathBuf>) -> Self {
        self.source_root = Some(folder.into());
        self
    }

    /// Returns the program.
    pub fn program(&self) -> &str {
        &self.program
    }
}

impl FromStr for Editor {
    type Err = NoEditor;

    fn from_str(command: &str) -> Result<Self, NoEditor> {
        let fail = |reason| NoEditor {
            problem: format!("`{command}` is not the command of an editor"),
            reason,
        };
        let mut words = words(command).ok_or_else(|| fail("a quote is not closed"))?;
        if words.first().is_none_or(String::is_empty) {
            return Err(fail("it is empty"));
        }
        let arguments = words.split_off(1);
        Ok(Self {
            program: words.concat(),
            arguments,
            source_root: None,
        })
    }
}

/// Splits a command at spaces outside of quotes. Returns `None` if a quote is not closed. A backslash is part of a path.
fn words(command: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for letter in command.chars() {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (None, '"' | '\'') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, ' ' | '\t') => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::Editor;

    #[test]
    fn a_command_is_split_without_a_shell() {
        let editor: Editor = r#" "/opt/my editor/run" -a 'b "c"' d$(e)"#.parse().unwrap();
        assert_eq!(editor.program(), "/opt/my editor/run");
        assert_eq!(editor.arguments, ["-a", r#"b "c""#, "d$(e)"]);
        let windows: Editor = r"C:\bin\code.cmd".parse().unwrap();
        assert_eq!(windows.program(), r"C:\bin\code.cmd");
    }

    #[test]
    fn a_command_without_a_program_is_refused() {
        for wrong in ["", "  ", "''", "'code"] {
            let error = wrong.parse::<Editor>().unwrap_err().to_string();
            assert!(error.contains("is not the command of an editor"), "{error}");
        }
    }
}
