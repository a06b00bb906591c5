//! Functions in bodies: of functions, methods, closures and blocks, each with what is local there.

#![deny(warnings)]

use devtools_runtime::rpc_function;

struct Plugin;

impl Plugin {
    fn names() -> [&'static str; 2] {
        #[rpc_function(name = "bodies:in-method")]
        fn get_data() -> u8 {
            1
        }

        let in_closure = || {
            #[rpc_function(name = "bodies:in-closure")]
            fn get_data() -> u8 {
                2
            }
            GetData::NAME
        };
        [GetData::NAME, in_closure()]
    }
}

fn in_block() -> &'static str {
    {
        mod nested {
            use devtools_runtime::rpc_function;

            #[derive(serde::Serialize, serde::Deserialize)]
            pub(super) struct Local;

            #[rpc_function(name = "bodies:in-block")]
            pub(super) fn get_data(local: Local) -> Local {
                local
            }
        }

        let _ = nested::get_data(nested::Local);
        nested::GetData::NAME
    }
}

const IN_CONSTANT: &str = {
    #[rpc_function(name = "bodies:in-constant")]
    async fn get_data() {}

    GetData::NAME
};

/// The `Self` in here is that of items in the body.
#[rpc_function(name = "bodies:with-items")]
fn with_items() -> usize {
    struct Words(Option<Box<Self>>);

    impl Words {
        fn count(&self) -> usize {
            1 + self.0.as_ref().map_or(0, |words| Self::count(words))
        }
    }

    macro_rules! none {
        ($words:ident) => {
            impl Default for $words {
                fn default() -> Self {
                    Self(None)
                }
            }
        };
    }

    none!(Words);
    Words(Some(Box::default())).count()
}

#[tokio::test]
async fn accepted() -> Result<(), Box<dyn std::error::Error>> {
    let devtools = crate::builder().build().await?;
    let [in_method, in_closure] = Plugin::names();
    for name in [in_method, in_closure, in_block(), IN_CONSTANT] {
        assert!(devtools.context().rpc().has(name), "{name}");
    }
    assert_eq!(with_items(), 2);
    Ok(())
}
