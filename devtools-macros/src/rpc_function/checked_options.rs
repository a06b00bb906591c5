//! The options beyond name and kind, and their combinations.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{LitStr, Path};

use crate::choice::{Encoding, choose};
use crate::deprecated::Deprecated;
use crate::diagnostics::Diagnostics;
use crate::docs::has_docs;
use crate::option_value::Time;
use crate::options::Group;
use crate::rpc_function::args::{AgentArgs, Args};
use crate::rpc_function::choice::{Kind, Safety, Side};
use crate::rpc_function::item::Item;

/// The options beyond name and kind, after the checks of their combination.
pub(super) struct Options {
    pub(super) cacheable: bool,
    pub(super) snapshot: Option<Ident>,
    pub(super) dump: Option<Path>,
    pub(super) title: Option<LitStr>,
    pub(super) agent: Option<Agent>,
    pub(super) timeout_ms: Option<u64>,
    pub(super) blocking: bool,
    pub(super) public_errors: bool,
    pub(super) role: Option<LitStr>,
    pub(super) layer: Option<Path>,
    /// The attribute `deprecated`, if there is one.
    pub(super) deprecated: Option<Deprecated>,
}

/// The options for agents.
pub(super) struct Agent {
    pub(super) safety: Safety,
    pub(super) title: Option<LitStr>,
    pub(super) tags: Vec<LitStr>,
    pub(super) stream: Option<LitStr>,
}

/// The facts that the other options are checked against. The kind is unknown if a declaration sets it.
pub(super) struct Basis<'a> {
    pub(super) item: &'a Item,
    pub(super) kind: Option<Kind>,
    pub(super) side: Option<Side>,
    pub(super) encoding: Option<Encoding>,
}

pub(super) fn check(args: &mut Args, basis: &Basis<'_>, diagnostics: &mut Diagnostics) -> Options {
    check_kind(args, basis.kind, diagnostics);
    check_place(args, basis, diagnostics);
    check_role(args, basis.kind, diagnostics);
    if let (Some(snapshot), Some(_)) = (&args.snapshot, &args.dump) {
        diagnostics.error(
            snapshot,
            "`snapshot` and `dump` cannot be used together",
            "remove `snapshot`: `dump` says with which arguments the function is called",
        );
    }
    if let Some(blocking) = &args.blocking {
        check_blocking(blocking, args.setup.is_some(), basis.item, diagnostics);
    }
    let timeout_ms = args.timeout.as_ref().and_then(|Time(timeout)| {
        let runs_at_once =
            basis.item.sig.asyncness.is_none() && args.blocking.is_none() && args.setup.is_none();
        if runs_at_once && basis.item.has_body {
            diagnostics.error(
                timeout,
                "a function that is not `async` cannot be stopped after a timeout",
                "add `blocking`, or write an `async fn`",
            );
        }
        check_timeout(timeout, diagnostics)
    });
    let agent = args
        .agent
        .take()
        .and_then(|agent| check_agent(agent, basis, diagnostics));
    Options {
        cacheable: args.cacheable.is_some(),
        snapshot: args.snapshot.take(),
        dump: args.dump.take(),
        title: args.title.take(),
        agent,
        timeout_ms,
        blocking: args.blocking.is_some(),
        public_errors: args.public_errors.is_some(),
        role: args.role.take(),
        layer: args.layer.take(),
        deprecated: Deprecated::of(&basis.item.attrs),
    }
}

/// Only a query can be cached or dumped by an option.
fn check_kind(args: &Args, kind: Option<Kind>, diagnostics: &mut Diagnostics) {
    let Some(kind) = kind.filter(|kind| *kind != Kind::Query) else {
        return;
    };
    let mut check = |at: &dyn ToTokens, option: &str, done: &str| {
        let (what, help) = match kind {
            Kind::Query | Kind::Static => (
                format!("a `static` function is always {done}"),
                format!("remove `{option}`"),
            ),
            Kind::Action => (
                format!("an `action` is never {done}"),
                format!("remove `{option}`, or make it a `query` if it only reads"),
            ),
            Kind::Event => (
                format!("an `event` is never {done}"),
                format!("remove `{option}`, or make it a `query` if it only reads"),
            ),
        };
        diagnostics.error(at.to_token_stream(), what, help);
    };
    if let Some(key) = &args.cacheable {
        check(key, "cacheable", "cached");
    }
    if let Some(key) = &args.snapshot {
        check(key, "snapshot", "dumped");
    }
    if let Some(path) = &args.dump {
        check(path, "dump", "dumped");
    }
}

/// Refuses an empty role, and a role on a function that is dumped, because a dump shows the results to everybody.
fn check_role(args: &Args, kind: Option<Kind>, diagnostics: &mut Diagnostics) {
    let Some(role) = &args.role else { return };
    if role.value().trim().is_empty() {
        diagnostics.error(role, "the role is empty", "write `role = \"admin\"`");
    }
    let dumped = match (&args.dump, &args.snapshot) {
        _ if kind == Some(Kind::Static) => Some("every static function"),
        (Some(_), _) => Some("a function with `dump`"),
        (None, Some(_)) => Some("a function with `snapshot`"),
        (None, None) => None,
    };
    if let Some(dumped) = dumped {
        diagnostics.error(
            role,
            format!("the results of {dumped} are in static dumps, where roles are not checked"),
            "remove `role`, or make it a `query` that is not dumped",
        );
    }
}

/// Refuses options that need a body on a declaration, and options of the server on a function of the client.
fn check_place(args: &Args, basis: &Basis<'_>, diagnostics: &mut Diagnostics) {
    let at = |key: &Option<Ident>| key.as_ref().map(ToTokens::to_token_stream);
    let running = [
        ("setup", at(&args.setup)),
        ("snapshot", at(&args.snapshot)),
        ("dump", args.dump.as_ref().map(ToTokens::to_token_stream)),
        ("blocking", at(&args.blocking)),
        ("public_errors", at(&args.public_errors)),
        ("layer", args.layer.as_ref().map(ToTokens::to_token_stream)),
        ("role", args.role.as_ref().map(ToTokens::to_token_stream)),
        (
            "timeout",
            args.timeout
                .as_ref()
                .map(|Time(timeout)| timeout.to_token_stream()),
        ),
    ];
    if !basis.item.has_body {
        for (option, at) in &running {
            if let Some(at) = at {
                diagnostics.error(
                    at,
                    format!("`{option}` is for a function with a body, and a declaration has none"),
                    format!("remove `{option}`, and write it where the function is implemented"),
                );
            }
        }
    } else if basis.side == Some(Side::Client) {
        let agent = args.agent.as_ref().map(|agent| agent.key.to_token_stream());
        let serving = [
            ("cacheable", at(&args.cacheable)),
            ("agent", agent),
            ("layer", args.layer.as_ref().map(ToTokens::to_token_stream)),
            ("role", args.role.as_ref().map(ToTokens::to_token_stream)),
        ];
        for (option, at) in running.iter().take(3).chain(&serving) {
            if let Some(at) = at {
                diagnostics.error(
                    at,
                    format!("`{option}` is for functions of the server"),
                    format!("remove `{option}`, or `side = \"client\"`"),
                );
            }
        }
    }
}

fn check_blocking(key: &Ident, is_setup: bool, item: &Item, diagnostics: &mut Diagnostics) {
    if is_setup {
        diagnostics.error(
            key,
            "`blocking` is for a function that runs at each call, and a setup runs once",
            "remove `blocking`: the handler may use `tokio::task::spawn_blocking`",
        );
    } else if item.sig.asyncness.is_some() {
        diagnostics.error(
            key,
            "an `async` function does not block",
            "remove `blocking`, or `async` before the function",
        );
    }
}

/// Parses a duration such as `"5s"`. Returns milliseconds.
fn check_timeout(timeout: &LitStr, diagnostics: &mut Diagnostics) -> Option<u64> {
    let text = timeout.value();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim() {
        "ms" => Some(1),
        "s" => Some(1_000),
        "m" | "min" => Some(60_000),
        "h" => Some(3_600_000),
        _ => None,
    };
    let number: Option<u64> = number.parse().ok().filter(|number| *number > 0);
    let ms = number
        .zip(factor)
        .and_then(|(n, factor)| n.checked_mul(factor));
    if ms.is_none() {
        let help = match number {
            Some(number) => format!("write the unit: `\"{number}s\"`, `\"{number}ms\"`"),
            None => "write a whole number and its unit: `\"5s\"`, `\"500ms\"`, `\"2m\"`".to_owned(),
        };
        diagnostics.error(timeout, format!("`{text}` is not a duration"), help);
    }
    ms
}

fn check_agent(
    agent: Group<AgentArgs>,
    basis: &Basis<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Agent> {
    if basis.encoding == Some(Encoding::StructuredClone) {
        diagnostics.error(
            &agent.key,
            "agents read and write JSON, and this function uses structured clone",
            "remove `encoding = \"structured-clone\"`, or `agent`",
        );
    }
    if !has_docs(&basis.item.attrs) {
        diagnostics.error(
            &agent.key,
            "an agent chooses functions by their description, and this one has none",
            format!("write a doc comment above `{}`", basis.item.sig.ident),
        );
    }
    let options = agent.options;
    let by_kind = match basis.kind {
        Some(Kind::Query | Kind::Static) => Safety::Read,
        Some(Kind::Action | Kind::Event) | None => Safety::Action,
    };
    let safety = choose(options.safety.as_ref(), by_kind, diagnostics);
    Some(Agent {
        safety: safety?,
        tags: options.tags.map(|tags| tags.0).unwrap_or_default(),
        title: options.title,
        stream: options.stream,
    })
}
