use super::*;

fn refresh_token(answer: &Value) -> String {
    answer["refresh_token"].as_str().unwrap_or_default().to_owned()
}

fn refresh(bench: &Bench, token: &str) -> Answer {
    bench.token(&Params::refresh(token))
}

#[test]
fn a_refresh_token_comes_only_with_its_scope() {
    let bench = Bench::sound();
    let code = bench.code(&Params::authorization().with("scope", "supply::leads"));
    assert!(bench.token(&Params::redemption(&code)).json().get("refresh_token").is_none());
}

#[test]
fn each_use_answers_with_a_new_working_token() {
    let bench = Bench::sound();
    let first = refresh_token(&bench.tokens());
    let second = refresh(&bench, &first);
    assert_eq!(second.status, 200);
    assert_eq!(second.json()["scope"], "supply::leads offline_access");
    assert_ne!(refresh_token(&second.json()), first);
    assert_eq!(refresh(&bench, &refresh_token(&second.json())).status, 200);
}

#[test]
fn within_the_grace_period_the_direct_predecessor_works() {
    let bench = Bench::sound();
    let first = refresh_token(&bench.tokens());
    bench.advance(3600);
    refresh(&bench, &first);
    for _ in 0..3 {
        bench.advance(19);
        let again = refresh(&bench, &first);
        assert_eq!(again.status, 200);
        assert_eq!(bench.me(again.json()["access_token"].as_str().unwrap()).status, 200);
    }
    let newest = refresh_token(&refresh(&bench, &first).json());
    bench.advance(3);
    assert_eq!(refresh(&bench, &first).error(), "invalid_grant");
    assert_eq!(refresh(&bench, &newest).error(), "invalid_grant", "reuse ends the family");
}

#[test]
fn the_predecessors_predecessor_never_works() {
    let bench = Bench::sound();
    let first = refresh_token(&bench.tokens());
    let second = refresh_token(&refresh(&bench, &first).json());
    assert_eq!(refresh(&bench, &second).status, 200);
    assert_eq!(refresh(&bench, &first).error(), "invalid_grant");
}

#[test]
fn without_grace_a_second_use_ends_the_family_where_the_policy_says_so() {
    for ends in [true, false] {
        let mut policy = partner_policy();
        policy.refresh_token.grace = Duration::ZERO;
        policy.refresh_token.reuse_ends_family = ends;
        let bench = Bench::new(policy, &[]);
        let first = refresh_token(&bench.tokens());
        let second = refresh(&bench, &first).json();
        assert_eq!(refresh(&bench, &first).error(), "invalid_grant");
        let status = if ends { 401 } else { 200 };
        assert_eq!(bench.me(second["access_token"].as_str().unwrap()).status, status);
        assert_eq!(refresh(&bench, &refresh_token(&second)).status == 200, !ends);
    }
}

#[test]
fn without_rotation_the_same_token_goes_on_working() {
    let mut policy = partner_policy();
    policy.refresh_token.rotation = false;
    let bench = Bench::new(policy, &[]);
    let token = refresh_token(&bench.tokens());
    for _ in 0..3 {
        bench.advance(3600);
        let answer = refresh(&bench, &token);
        assert_eq!(answer.status, 200);
        assert!(answer.json().get("refresh_token").is_none());
    }
}

#[test]
fn a_refresh_token_lives_for_its_lifetime_from_its_own_issue() {
    let bench = Bench::sound();
    let first = refresh_token(&bench.tokens());
    bench.advance(180 * 86_400 - 1);
    let second = refresh_token(&refresh(&bench, &first).json());
    bench.advance(180 * 86_400 - 1);
    let third = refresh_token(&refresh(&bench, &second).json());
    bench.advance(180 * 86_400);
    assert_eq!(refresh(&bench, &third).error(), "invalid_grant");
}

#[test]
fn the_scope_may_be_narrowed_but_not_for_good_and_not_widened() {
    let bench = Bench::sound();
    let first = refresh_token(&bench.tokens());
    let narrow = bench.token(&Params::refresh(&first).with("scope", "supply::leads")).json();
    assert_eq!(narrow["scope"], "supply::leads");
    let second = refresh_token(&narrow);
    let whole = refresh(&bench, &second).json();
    assert_eq!(whole["scope"], "supply::leads offline_access");
    for wider in ["supply::leads supply::businesses", "demand::search", "unknown", "a\tb"] {
        let answer = bench.token(&Params::refresh(&refresh_token(&whole)).with("scope", wider));
        assert_eq!(answer.error(), "invalid_scope", "{wider}");
    }
}

#[test]
fn a_refresh_token_is_bound_to_its_client_and_its_kind() {
    let bench = Bench::sound();
    let tokens = bench.tokens();
    let other =
        Params::refresh(&refresh_token(&tokens)).with("client_id", "public-app").without("client_secret");
    assert_eq!(bench.token(&other).error(), "invalid_grant");
    let unproven = Params::refresh(&refresh_token(&tokens)).without("client_secret");
    assert_eq!(bench.token(&unproven).error(), "invalid_client");
    assert_eq!(refresh(&bench, tokens["access_token"].as_str().unwrap()).error(), "invalid_grant");
    assert_eq!(refresh(&bench, "unknown").error(), "invalid_grant");
    assert_eq!(refresh(&bench, "").error(), "invalid_request");
    assert_eq!(bench.me(&refresh_token(&tokens)).status, 401);
}

#[test]
fn parallel_refreshes_within_the_grace_period_all_succeed() {
    let bench = Bench::sound();
    let first = refresh_token(&bench.tokens());
    let answers: Vec<Value> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..6).map(|_| scope.spawn(|| refresh(&bench, &first).json())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for answer in answers {
        assert_eq!(refresh(&bench, &refresh_token(&answer)).status, 200);
    }
}
