//! [`Weather`]: what a life of the stack looks like on a quiet day, and on another.

use ferrocrete_sandbox::Account;
use tokio::sync::OnceCell;

use crate::example::{Backend, Example};
use crate::listing::Listing;
use crate::microburst::{Fired, Microburst};

const UP: [&str; 2] = ["up", "--yes"];
const DESTROY: [&str; 2] = ["destroy", "--yes"];

/// A life of the stack: what was there, and how many calls it took.
pub struct Weather {
    pub empty: Listing,
    pub full: Listing,
    pub up: usize,
    pub destroy: usize,
}

/// A new example, all of them alike.
pub async fn example() -> Example {
    Example::new("storm", Backend::S3).await.unwrap()
}

/// Undisturbed, for comparison.
pub async fn quiet() -> &'static Weather {
    static QUIET: OnceCell<Weather> = OnceCell::const_new();
    QUIET
        .get_or_init(async || {
            let example = example().await;
            let endpoint = example.user.account.endpoint().to_owned();
            live(&example, &endpoint).await
        })
        .await
}

/// `up` and `destroy`, which must succeed.
pub async fn live(example: &Example, endpoint: &str) -> Weather {
    let account = &example.user.account;
    let empty = Listing::of(&example.user).await;
    account.reset_calls().await.unwrap();
    run(example, endpoint, &UP).await;
    let up = calls(account).await;
    let full = Listing::of(&example.user).await;
    run(example, example.user.account.endpoint(), &["plan", "--exit-code"]).await;
    account.reset_calls().await.unwrap();
    run(example, endpoint, &DESTROY).await;
    let destroy = calls(account).await;
    let left = Listing::of(&example.user).await;
    assert_eq!(left.differences(&empty), [""; 0], "destroy leaves nothing");
    Weather { empty, full, up, destroy }
}

/// A life under these faults: the same is made, once, and goes again. AWS sees, or would have
/// seen, at most `factor` times the calls of a quiet life, and ten more.
pub async fn survives(rules: serde_json::Value, factor: f64) -> Vec<Fired> {
    let quiet = quiet().await;
    let example = example().await;
    let burst = Microburst::shared().await;
    let rules = burst.rules(&example.user.account.id, rules).await;
    let stormy = live(&example, &burst.url).await;
    assert_eq!(stormy.full.differences(&quiet.full), [""; 0], "what is declared, once");
    let fired = burst.fired(&rules).await;
    // Those that AWS never saw.
    let refused = ["error", "reset", "timeout"];
    let refused = fired.iter().filter(|f| refused.iter().any(|r| f.action.starts_with(r))).count();
    let (made, usual) = (stormy.up + stormy.destroy + refused, quiet.up + quiet.destroy);
    println!("{made} calls instead of {usual}, {} faults", fired.len());
    let most = (usual as f64 * factor) as usize + 10;
    assert!(made <= most, "{made} calls are too many; a quiet life takes {usual}");
    fired
}

async fn run(example: &Example, endpoint: &str, args: &[&str]) {
    let ran = example.run(0, example.through(endpoint, args)).await;
    ran.unwrap_or_else(|problem| panic!("{problem}"));
}

async fn calls(account: &Account) -> usize {
    account.calls().await.unwrap().total
}
