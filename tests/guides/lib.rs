//! The programs of the book, which `cargo test --doc -p guides` compiles and runs.
//!
//! Most programs of all pages are compiled into one program. It starts with all functions that are linked, so names of functions are
//! unique across the pages, and a block whose function takes state of a plugin is marked `standalone_crate`. A test checks that no page
//! with Rust is left out.

/// Includes pages of the folder `docs`.
macro_rules! pages {
    ($($module:ident: $page:literal,)*) => {$(
        #[cfg(doctest)]
        #[doc = include_str!(concat!("../../docs/", $page))]
        mod $module {}
    )*};
}

pages! {
    agents: "agents.md",
    both_directions: "both-directions.md",
    coming_from: "coming-from.md",
    command_line: "command-line.md",
    context: "context.md",
    docks: "docks.md",
    errors: "errors.md",
    from_the_typescript_kit: "from-the-typescript-kit.md",
    functions: "functions.md",
    inspector: "inspector.md",
    layers: "layers.md",
    mounting: "mounting.md",
    observability: "observability.md",
    organization: "organization.md",
    scaling: "scaling.md",
    shared_state: "shared-state.md",
    static_builds: "static-builds.md",
    streaming: "streaming.md",
    testing: "testing.md",
    tls: "tls.md",
    trust: "trust.md",
    vite: "vite.md",
}
