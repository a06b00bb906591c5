//! The calls that a static dump does not answer, collected for people.

use std::collections::{BTreeMap, HashSet};
use std::fmt::{self, Write as _};

use crate::function::{FunctionKind, Parameter};
use crate::wire::{cut, js};

/// The number of different calls that are remembered. Further calls are only counted.
const MAX_KEPT: usize = 1_000;

/// The length at which the text of a call is cut off, in characters.
const MAX_SHOWN: usize = 200;

/// The size above which arguments are not given as code, in bytes.
const MAX_CODE: usize = 4 * 1024;

/// A call that a static dump does not answer as the program does, because the dump has no record of it.
///
/// Its `Display` writes `static build would miss my-plugin:get-module("/src/c.ts")`.
///
/// ```
/// use devtools_runtime::dump::MissedCall;
///
/// /// The line that adds the call to the inputs of the function's dump.
/// fn suggestion(missed: &MissedCall) -> Option<String> {
///     Some(format!("// {}: .input({})", missed.function, missed.input.as_ref()?))
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissedCall {
    /// The name of the function.
    pub function: String,
    /// The kind of the function. Actions and events are in no dump.
    pub kind: FunctionKind,
    /// The call as JavaScript would write it, cut off after 200 characters.
    pub call: String,
    /// The arguments as a Rust tuple, for the inputs of a [`Dump`](crate::Dump). `None` for actions and events, and
    /// for arguments of more than 4 KiB.
    pub input: Option<String>,
    /// Whether the dump answers with a fallback. Without one the call fails.
    pub fallback: bool,
}

impl MissedCall {
    pub(crate) fn new(
        function: &str,
        kind: FunctionKind,
        parameters: &[Parameter],
        arguments: &[js::Value],
        fallback: bool,
    ) -> Self {
        let can_be_dumped = matches!(kind, FunctionKind::Query);
        Self {
            function: function.to_owned(),
            kind,
            call: call(function, arguments),
            input: can_be_dumped
                .then(|| tuple(parameters, arguments))
                .filter(|code| code.len() <= MAX_CODE),
            fallback,
        }
    }
}

impl fmt::Display for MissedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            FunctionKind::Action => write!(
                f,
                "{} will not work statically: it is an action",
                self.function
            ),
            FunctionKind::Event => write!(
                f,
                "{} will not work statically: it is an event",
                self.function
            ),
            FunctionKind::Query | FunctionKind::Static => {
                write!(f, "static build would miss {}", self.call)?;
                f.write_str(if self.fallback {
                    ", and answer with the fallback"
                } else {
                    ""
                })
            }
        }
    }
}

/// The calls that a static dump missed so far. Its `Display` writes the inputs that a [`Dump`](crate::Dump) needs, as
/// code, without a line break at the end.
///
/// ```
/// use devtools_runtime::dump::DumpOptions;
/// use devtools_runtime::{DevTools, Dump, define_rpc_function};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let get_module = define_rpc_function("my-plugin:get-module")
///     .dump(|_: &devtools_runtime::DevToolsContext| Dump::inputs([("/src/main.ts".to_owned(),)]))
///     .handler(|path: String| path);
/// devtools.context().rpc().register(get_module)?;
///
/// let preview = devtools.preview_static(DumpOptions::new(), |missed| eprintln!("{missed}")).await?;
/// let rpc = devtools.client();
/// let missing = rpc.call_dynamic::<String>("my-plugin:get-module", ("/src/app.ts",)).await;
/// assert!(missing.is_err());
/// let missed = preview.missed();
/// assert_eq!(missed.calls()[0].call, r#"my-plugin:get-module("/src/app.ts")"#);
/// println!("{missed}"); // the inputs that the dump lacks, as code
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct MissedCalls {
    calls: Vec<MissedCall>,
    seen: HashSet<String>,
    beyond: usize,
}

impl MissedCalls {
    /// Returns the first 1,000 different calls, in the order in which they came.
    pub fn calls(&self) -> &[MissedCall] {
        &self.calls
    }

    /// Returns the number of further calls, including repeated ones.
    pub fn beyond(&self) -> usize {
        self.beyond
    }

    /// Returns `true` if the dump has answered every call.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Adds a call unless it is there already. `key` identifies the arguments.
    pub(crate) fn add(&mut self, key: &str, call: MissedCall) -> Option<MissedCall> {
        let key = match call.kind {
            // An action or event is listed once, whatever its arguments are.
            FunctionKind::Action | FunctionKind::Event => call.function.clone(),
            FunctionKind::Query | FunctionKind::Static => format!("{}{key}", call.function),
        };
        if self.seen.contains(&key) {
            return None;
        }
        if self.calls.len() >= MAX_KEPT {
            self.beyond += 1;
            return None;
        }
        self.seen.insert(key);
        self.calls.push(call.clone());
        Some(call)
    }
}

impl fmt::Display for MissedCalls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut inputs: BTreeMap<&str, Vec<&MissedCall>> = BTreeMap::new();
        let mut others = Vec::new();
        for call in &self.calls {
            if call.kind == FunctionKind::Query {
                inputs.entry(&call.function).or_default().push(call);
            } else {
                others.push(call);
            }
        }
        if self.is_empty() {
            return f.write_str("The static build would have answered every call.");
        }
        let mut lines = Vec::new();
        for (function, calls) in &inputs {
            lines.push(format!("// {function}\nDump::inputs(["));
            // Calls that differ only in JavaScript, such as `f()` and `f(null)`, are the same in Rust.
            let mut inputs: Vec<String> = Vec::new();
            for call in calls {
                let input = match &call.input {
                    Some(code) => format!("    {code},"),
                    None => format!("    // {}", call.call),
                };
                if !inputs.contains(&input) {
                    inputs.push(input);
                }
            }
            lines.append(&mut inputs);
            lines.push("])".to_owned());
        }
        if self.beyond > 0 {
            lines.push(format!("// … and {} more calls", self.beyond));
        }
        lines.extend(others.iter().map(|call| format!("// {call}")));
        f.write_str(&lines.join("\n"))
    }
}

/// Writes a call as JavaScript: `my-plugin:get-module("/src/c.ts", undefined)`.
fn call(function: &str, arguments: &[js::Value]) -> String {
    let shown: Vec<String> = arguments.iter().map(shown).collect();
    let text = format!("{function}({})", shown.join(", "));
    cut(&text, MAX_SHOWN).into_owned()
}

fn shown(value: &js::Value) -> String {
    match value {
        js::Value::Undefined => "undefined".to_owned(),
        value => json(value),
    }
}

/// Writes a value as JSON. Values that JSON does not have are converted as in a function's result.
fn json(value: &js::Value) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "…".to_owned())
}

/// Writes a Rust tuple such as `("/src/c.ts".into(), None)`, with a value for each parameter.
fn tuple(parameters: &[Parameter], arguments: &[js::Value]) -> String {
    let mut code = String::from("(");
    for (at, parameter) in parameters.iter().enumerate() {
        let value = arguments.get(at).unwrap_or(&js::Value::Undefined);
        let value = match value {
            js::Value::Undefined | js::Value::Null if parameter.optional => "None".to_owned(),
            value if parameter.optional => format!("Some({})", literal(value)),
            value => literal(value),
        };
        let separator = if at > 0 { " " } else { "" };
        // Writing to a string does not fail.
        let _ = write!(code, "{separator}{value},");
    }
    if parameters.len() > 1 {
        code.pop();
    }
    code + ")"
}

/// Writes a value as a Rust expression whose type is inferred.
fn literal(value: &js::Value) -> String {
    match value {
        js::Value::Bool(value) => value.to_string(),
        js::Value::Number(value) if value.is_finite() => value.to_string(),
        js::Value::Integer(value) => value.to_string(),
        js::Value::String(text) => format!("{text:?}.into()"),
        value => {
            let json = json(value);
            let mut guard = String::from("#");
            while json.contains(&format!("\"{guard}")) {
                guard.push('#');
            }
            format!("serde_json::from_str(r{guard}\"{json}\"{guard})?")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_KEPT, MissedCall, MissedCalls};
    use crate::function::{FunctionKind, Parameter};
    use crate::wire::js::Value;

    const PARAMETERS: &[Parameter] =
        &[Parameter::new("id", false), Parameter::new("options", true)];

    fn missed(arguments: &[Value]) -> MissedCall {
        let name = "my-plugin:get-module";
        MissedCall::new(name, FunctionKind::Query, PARAMETERS, arguments, false)
    }

    #[test]
    fn a_call_is_shown_as_it_was_made() {
        assert_eq!(
            missed(&["/src/c.ts".into()]).to_string(),
            "static build would miss my-plugin:get-module(\"/src/c.ts\")"
        );
        assert_eq!(
            missed(&["a".into(), Value::Undefined, Value::Null]).call,
            "my-plugin:get-module(\"a\", undefined, null)"
        );
        let long = missed(&["x".repeat(1_000).into()]).call;
        assert_eq!(long.chars().count(), 201, "{long}");
    }

    #[test]
    fn inputs_are_rust() {
        let options = Value::Object(vec![("a\"#".to_owned(), true.into())]);
        let code = |arguments: &[Value]| missed(arguments).input.unwrap();
        assert_eq!(code(&["a\"b".into()]), r#"("a\"b".into(), None)"#);
        assert_eq!(code(&[1.into(), Value::Null]), "(1, None)");
        assert_eq!(
            code(&[Value::from(0.5), options]),
            r###"(0.5, Some(serde_json::from_str(r##"{"a\"#":true}"##)?))"###
        );
        let large = missed(&["x".repeat(5_000).into()]);
        assert_eq!(large.input, None);
        let one = MissedCall::new(
            "a:b",
            FunctionKind::Query,
            &PARAMETERS[..1],
            &[true.into()],
            true,
        );
        assert_eq!(one.input.as_deref(), Some("(true,)"));
        assert!(one.to_string().ends_with(", and answer with the fallback"));
        let none = MissedCall::new("a:b", FunctionKind::Query, &[], &[], false);
        assert_eq!(none.input.as_deref(), Some("()"));
    }

    #[test]
    fn the_whole_is_code_to_be_pasted() {
        let mut calls = MissedCalls::default();
        assert_eq!(
            calls.to_string(),
            "The static build would have answered every call."
        );
        let a: &[Value] = &["a".into()];
        let undefined: &[Value] = &["a".into(), Value::Undefined];
        assert!(calls.add("1", missed(a)).is_some());
        assert!(calls.add("1", missed(a)).is_none(), "once");
        assert!(calls.add("2", missed(undefined)).is_some());
        assert!(calls.add("3", missed(&["b".into()])).is_some());
        let action = || MissedCall::new("my-plugin:save", FunctionKind::Action, &[], &[], false);
        assert!(calls.add("4", action()).is_some());
        assert!(
            calls.add("5", action()).is_none(),
            "once, with any arguments"
        );
        assert_eq!(
            calls.to_string(),
            "// my-plugin:get-module\n\
             Dump::inputs([\n    (\"a\".into(), None),\n    (\"b\".into(), None),\n])\n\
             // my-plugin:save will not work statically: it is an action"
        );
    }

    #[test]
    fn only_so_many_are_kept() {
        let mut calls = MissedCalls::default();
        for i in 0..u32::try_from(MAX_KEPT).unwrap() + 2 {
            calls.add(&i.to_string(), missed(&[i.into()]));
        }
        assert_eq!(calls.calls().len(), MAX_KEPT);
        assert_eq!(calls.beyond(), 2);
        assert!(calls.to_string().contains("// … and 2 more calls"));
    }
}
