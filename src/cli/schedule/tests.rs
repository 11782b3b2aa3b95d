use serde_json::json;

use super::*;

fn state(periods: &serde_json::Value) -> ScheduleState {
    let whole = json!({
        "project": "p", "scheduled": true, "periods": periods,
        "run": {"snapshot": "0".repeat(32), "period": "2025-q4", "compared": 5, "total": 9,
                "eta_seconds": 12},
        "unregistered": [{"department": "amt", "dataset": "kita"}],
    });
    serde_json::from_value(whole).unwrap()
}

fn period(id: &str, state: &str, batches: [Option<&str>; 2]) -> serde_json::Value {
    let delivery = |(department, last): (&str, Option<&str>)| {
        let arrived = last.map(|last| {
            json!({"batch": "1".repeat(32), "last_month": last, "received_at": 1_770_000_000})
        });
        json!({"department": department, "dataset": "kita", "arrived": arrived})
    };
    let deliveries: Vec<_> = ["a", "b"].into_iter().zip(batches).map(delivery).collect();
    json!({"period": id, "epoch": "2026", "last_month": "2025-12", "link_on": "2026-02-15",
           "state": state, "deliveries": deliveries, "snapshot": null, "frozen_at": null,
           "problem": null, "try_again_at": null, "later": []})
}

#[test]
fn a_table_says_who_is_missing_what_runs_and_what_failed() {
    let mut failed = period("2025-q4", "ready", [Some("2025-12"), None]);
    failed["problem"] = json!({"type": "t", "title": "too many", "status": 422,
                               "code": "too-many-pairs", "detail": "raise the threshold"});
    failed["try_again_at"] = json!(1_770_000_060);
    let mut done = period("2025-q3", "frozen", [Some("2025-09"), None]);
    done["snapshot"] = json!("2".repeat(32));
    done["frozen_at"] = json!(1_770_000_000);
    done["later"] = json!([{"department": "b", "dataset": "kita", "arrived": null}]);
    let text = table(&state(&json!([
        period("2025-q2", "overtaken", [Some("2025-12"), None]),
        done,
        failed,
        period("2026-q1", "waiting", [None, None]),
        period("2026-q2", "waiting", [None, None]),
    ])));
    let expected = "\
project p
  amt kita: expected, but nobody is registered for it here
  linking 2025-q4: 5 of 9 compared, about 12 s to go
  2025-q2      overtaken
  2025-q3      frozen     1 of 2 deliveries, snapshot 22222222222222222222222222222222 of 2026-02-02T02:40:00Z
    a                            kita       until 2025-09, came 2026-02-02T02:40:00Z
    b                            kita       missing
    came later, wait for the next period
    b                            kita       missing
  2025-q4      ready      1 of 2 deliveries
    too many: raise the threshold
    tried again: 2026-02-02T02:41:00Z
    a                            kita       until 2025-12, came 2026-02-02T02:40:00Z
    b                            kita       missing
  2026-q1      waiting    0 of 2 deliveries, on 2026-02-15 with what is there
    a                            kita       missing
    b                            kita       missing
  2026-q2      waiting    0 of 2 deliveries, on 2026-02-15 with what is there
";
    assert_eq!(text, expected);
}

#[test]
fn a_project_without_a_schedule_says_how_it_is_linked() {
    let none: ScheduleState = serde_json::from_value(json!({
        "project": "p", "scheduled": false, "run": null, "unregistered": [], "periods": [],
    }))
    .unwrap();
    assert!(table(&none).contains("milchglas link"));
}
