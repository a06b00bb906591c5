//! The definition holds the options of the attribute.

use devtools_runtime::functions::SourceLocation;
use devtools_runtime::{Encoding, FunctionKind, RpcFunction, Side, rpc_function};

mod toolkit {
    pub mod rpc {
        pub use devtools_runtime::*;
    }
}

/// Looks a module up.
///
/// By its id.
#[rpc_function]
async fn get_module_v2(id: String) -> Option<String> {
    Some(id)
}

#[rpc_function(
    name = "other:sub:result",
    kind = "action",
    as = Outcome,
    side = "client",
    encoding = "structured-clone",
    crate = toolkit::rpc,
)]
fn result() -> Result<u8, std::fmt::Error> {
    Ok(1)
}

#[rpc_function(kind = "static", name = "options:version")]
fn get_version() -> u8 {
    1
}

#[rpc_function(kind = "event", name = "options:log")]
fn log(_line: String) {}

#[test]
fn accepted() {
    assert_eq!(
        GetModuleV2::NAME,
        concat!(env!("CARGO_PKG_NAME"), ":get-module-v2")
    );
    assert_eq!(GetModuleV2::KIND, FunctionKind::Query);
    let definition = GetModuleV2::definition();
    assert_eq!(definition.description(), "Looks a module up.\n\nBy its id.");
    assert_eq!(definition.side(), Side::Server);
    assert_eq!(definition.encoding(), Encoding::Json);
    let SourceLocation { line, package, .. } = definition.location();
    assert_eq!((line, package), (15, env!("CARGO_PKG_NAME")));

    assert_eq!(Outcome::NAME, "other:sub:result");
    assert_eq!(Outcome::KIND, FunctionKind::Action);
    assert_eq!(<Outcome as RpcFunction>::SIDE, Side::Client);
    assert_eq!(
        <Outcome as RpcFunction>::ENCODING,
        Encoding::StructuredClone
    );
    assert_eq!(Outcome::definition().description(), "");
    assert_eq!(result(), Ok(1));

    assert_eq!(GetVersion::KIND, FunctionKind::Static);
    assert_eq!(Log::KIND, FunctionKind::Event);
    log(String::new());
}
