//! Functions may stand anywhere a function can: in modules, in bodies, in files of their own.

#![deny(warnings, dead_code, unused_imports)]

use devtools_runtime::rpc_function;

mod get_data {
    use devtools_runtime::rpc_function;

    #[rpc_function(name = "places:get-data")]
    pub fn get_data() -> u8 {
        1
    }
}

pub use get_data::GetData;

mod outer {
    pub(super) mod inner {
        use devtools_runtime::rpc_function;

        #[rpc_function(name = "places:inner")]
        pub(in crate::functions::places::outer) fn inner() -> u8 {
            2
        }

        #[rpc_function(name = "places:wider")]
        pub(crate) fn wider() -> u8 {
            3
        }
    }

    pub(super) fn of_inner() -> &'static str {
        inner::Inner::NAME
    }
}

// Nobody but the registry knows it.
#[rpc_function(name = "places:private")]
fn private() -> Secret {
    Secret { value: 4 }
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Secret {
    value: u8,
}

#[tokio::test]
async fn accepted() -> Result<(), Box<dyn std::error::Error>> {
    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Local(u8);

    #[rpc_function(name = "places:in-body")]
    async fn in_body(local: Local) -> Local {
        local
    }

    let devtools = crate::builder().build().await?;
    let rpc = devtools.client();
    assert_eq!(GetData::call(&rpc).await?, 1);
    assert_eq!(outer::inner::Wider::call(&rpc).await?, 3);
    assert_eq!(outer::of_inner(), "places:inner");
    assert_eq!(InBody::call(&rpc, Local(5)).await?, Local(5));
    let known = |name: &str| devtools.context().rpc().has(name);
    assert!(known("places:private") && known("places:inner"));
    Ok(())
}
