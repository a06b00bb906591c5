//! Functions written by a macro: names, literals, types, bodies and whole items are its variables.

#![deny(warnings)]

use devtools_runtime::{DevToolsContext, FunctionKind, rpc_function};

macro_rules! function {
    (
        $(#[$meta:meta])*
        $name:literal, $kind:literal, $identity:ident,
        $vis:vis fn $function:ident($($arg:ident: $ty:ty),*) -> $returned:ty $body:block
    ) => {
        $(#[$meta])*
        #[rpc_function(name = $name, kind = $kind, as = $identity)]
        $vis async fn $function($($arg: $ty),*) -> $returned $body
    };
}

function! {
    /// Adds.
    "macro:add", "action", Plus,
    pub(crate) fn add(ctx: &DevToolsContext, value: Option<u8>) -> Result<u8, std::fmt::Error> {
        let _ = ctx.cwd();
        value.ok_or(std::fmt::Error)
    }
}

function! {
    "macro:tell", "event", Tell,
    fn tell(_text: String) -> () {}
}

macro_rules! getter {
    ($($function:ident $name:tt = $value:expr;)*) => {
        $(
            #[rpc_function(name = $name)]
            fn $function(ctx: &DevToolsContext, arg0: u8) -> u8 {
                let _ = ctx.cwd();
                // The two are not the same.
                let scope = $value;
                scope + arg0
            }
        )*
    };
}

getter! {
    get_one "macro:get-one" = 1;
    get_two "macro:get-two" = 2;
}

macro_rules! whole {
    ($item:item) => {
        #[rpc_function(name = "macro:whole", crate = devtools_runtime)]
        $item
    };
}

whole! {
    fn whole(id: String) -> String {
        id
    }
}

#[tokio::test]
async fn accepted() -> Result<(), Box<dyn std::error::Error>> {
    let devtools = crate::builder().build().await?;
    let rpc = devtools.client();
    assert_eq!(Plus::KIND, FunctionKind::Action);
    assert_eq!(Plus::definition().description(), "Adds.");
    assert!(Plus::definition().parameters()[0].optional);
    assert_eq!(Plus::call(&rpc, Some(2)).await?, 2);
    Tell::notify(&rpc, "now").await?;
    assert_eq!(GetOne::call(&rpc, 1).await?, 2);
    assert_eq!(GetTwo::call(&rpc, 1).await?, 3);
    assert_eq!(Whole::call(&rpc, "a").await?, "a");
    Ok(())
}
