//! The arguments by which editors open a file at a line.

/// A place in a file. Lines and columns count from 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct EditorPosition<'a> {
    pub(super) file: &'a str,
    pub(super) line: u32,
    pub(super) column: u32,
}

/// The form in which an editor takes a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ArgumentForm {
    /// `file:line:column`.
    Colons,
    /// `-r -g file:line:column`: in the window that is open already.
    Goto,
    /// `--line line --column column file`.
    LineAndColumn,
    /// `--line line file`.
    Line,
    /// `-nline -ccolumn file`.
    Letters,
    /// `+line:column file`.
    PlusColons,
    /// `+line file`.
    Plus,
    /// `file -- +line`: the program passes the arguments after the dashes to the Neovim that it starts.
    Within,
    /// `file` alone.
    File,
}

/// The editors whose form is known, by the name of their program in lower case without an extension.
const FORMS: &[(ArgumentForm, &[&str])] = &[
    (
        ArgumentForm::Goto,
        &[
            "code",
            "code-insiders",
            "code - insiders",
            "code-oss",
            "vscodium",
            "codium",
            "vscodium-insiders",
            "cursor",
            "windsurf",
            "trae",
            "kiro",
            "positron",
            "antigravity",
        ],
    ),
    (
        ArgumentForm::LineAndColumn,
        &[
            "idea",
            "idea64",
            "clion",
            "clion64",
            "rustrover",
            "rustrover64",
            "webstorm",
            "webstorm64",
            "phpstorm",
            "phpstorm64",
            "pycharm",
            "pycharm64",
            "charm",
            "goland",
            "goland64",
            "rider",
            "rider64",
            "rubymine",
            "rubymine64",
            "appcode",
            "studio",
            "fleet",
        ],
    ),
    (
        ArgumentForm::Colons,
        &[
            "zed",
            "zeditor",
            "zed-editor",
            "subl",
            "sublime",
            "sublime_text",
            "atom",
            "pulsar",
            "lapce",
            "wstorm",
        ],
    ),
    (ArgumentForm::Letters, &["notepad++"]),
    (ArgumentForm::PlusColons, &["emacs", "emacsclient"]),
    (
        ArgumentForm::Plus,
        &[
            "gvim", "mvim", "vimr", "gedit", "geany", "xed", "pluma", "joe",
        ],
    ),
    (ArgumentForm::Within, &["neovide", "nvim-qt"]),
    (
        ArgumentForm::Line,
        &[
            "kate", "kwrite", "mate", "rmate", "mine", "xcode", "xed-mac",
        ],
    ),
];

/// The editors that draw in a terminal, which this process cannot give them.
const IN_TERMINAL: &[&str] = &[
    "vi", "vim", "nvim", "nano", "pico", "micro", "hx", "helix", "kak", "ne", "ed",
];

/// Returns whether a program needs a terminal. An editor that is only told to open the file in its running server needs none.
pub(super) fn needs_terminal(program: &str, given: &[String]) -> bool {
    let is_told = |it: &String| it.starts_with("--remote");
    IN_TERMINAL.contains(&&*name_of(program)) && !given.iter().any(is_told)
}

/// Returns the arguments with which a program opens a place: the `given` ones, followed by the place in the form of
/// this program, or by the file alone if the program is not known. If a given argument contains `{file}`, the place
/// is put there and at `{line}` and `{column}` instead.
pub(super) fn arguments(program: &str, given: &[String], place: EditorPosition<'_>) -> Vec<String> {
    let EditorPosition { file, line, column } = place;
    if given.iter().any(|it| it.contains("{file}")) {
        let filled = given.iter().map(|it| {
            it.replace("{line}", &line.to_string())
                .replace("{column}", &column.to_string())
                .replace("{file}", file)
        });
        return filled.collect();
    }
    let own = match form_of(program) {
        ArgumentForm::Colons => vec![format!("{file}:{line}:{column}")],
        ArgumentForm::Goto => vec![
            "-r".to_owned(),
            "-g".to_owned(),
            format!("{file}:{line}:{column}"),
        ],
        ArgumentForm::LineAndColumn => vec![
            "--line".to_owned(),
            line.to_string(),
            "--column".to_owned(),
            column.to_string(),
            file.to_owned(),
        ],
        ArgumentForm::Line => vec!["--line".to_owned(), line.to_string(), file.to_owned()],
        ArgumentForm::Letters => vec![format!("-n{line}"), format!("-c{column}"), file.to_owned()],
        ArgumentForm::PlusColons => vec![format!("+{line}:{column}"), file.to_owned()],
        ArgumentForm::Plus => vec![format!("+{line}"), file.to_owned()],
        ArgumentForm::Within => vec![file.to_owned(), "--".to_owned(), format!("+{line}")],
        ArgumentForm::File => vec![file.to_owned()],
    };
    given.iter().cloned().chain(own).collect()
}

fn form_of(program: &str) -> ArgumentForm {
    let name = name_of(program);
    let known = FORMS.iter().find(|(_, names)| names.contains(&&*name));
    known.map_or(ArgumentForm::File, |(form, _)| *form)
}

/// Returns the name of a program as people know it: without its folder and extension, in lower case.
pub(super) fn name_of(program: &str) -> String {
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program);
    let name = name.to_lowercase();
    let stem = [".exe", ".cmd", ".bat", ".sh"]
        .iter()
        .find_map(|extension| name.strip_suffix(extension));
    stem.unwrap_or(&name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::{EditorPosition, arguments, needs_terminal};

    fn of(program: &str, given: &[&str]) -> String {
        let given: Vec<_> = given.iter().map(|it| (*it).to_owned()).collect();
        let place = EditorPosition {
            file: "/a b/x.rs",
            line: 7,
            column: 3,
        };
        arguments(program, &given, place).join("|")
    }

    #[test]
    fn editors_get_the_place_in_their_form() {
        for (program, expected) in [
            ("code", "-r|-g|/a b/x.rs:7:3"),
            (r"C:\Programs\Cursor\bin\Cursor.cmd", "-r|-g|/a b/x.rs:7:3"),
            ("/usr/bin/zed", "/a b/x.rs:7:3"),
            ("subl", "/a b/x.rs:7:3"),
            ("rustrover", "--line|7|--column|3|/a b/x.rs"),
            ("emacsclient", "+7:3|/a b/x.rs"),
            ("gvim", "+7|/a b/x.rs"),
            ("neovide", "/a b/x.rs|--|+7"),
            ("kate", "--line|7|/a b/x.rs"),
            ("notepad++.exe", "-n7|-c3|/a b/x.rs"),
            ("something", "/a b/x.rs"),
        ] {
            assert_eq!(of(program, &[]), expected, "{program}");
        }
    }

    #[test]
    fn given_arguments_come_first_or_say_where_the_place_goes() {
        assert_eq!(
            of("code", &["--new-window"]),
            "--new-window|-r|-g|/a b/x.rs:7:3"
        );
        assert_eq!(
            of("something", &["--at={line},{column}", "{file}"]),
            "--at=7,3|/a b/x.rs"
        );
    }

    #[test]
    fn editors_of_the_terminal_are_known() {
        assert!(needs_terminal("/usr/bin/vim", &[]));
        assert!(!needs_terminal("gvim", &[]));
        let given = ["--server".to_owned(), "x".to_owned(), "--remote".to_owned()];
        assert!(!needs_terminal("nvim", &given));
    }
}
