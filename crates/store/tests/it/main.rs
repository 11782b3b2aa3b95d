//! The store against real databases: every scenario on SQLite, and on PostgreSQL where its
//! programs are installed.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod batches;
mod batches_law;
mod chain;
mod epochs;
mod ledger;
mod ledger_law;
mod opening;
mod place;
mod postgres;
mod runs;
mod sealing;
mod snapshots;
mod totals;
mod views;
mod witness;

use place::Place;
use postgres::Server;
use std::io::Write;

/// Each scenario becomes a test on SQLite and a step of the one test that starts PostgreSQL.
macro_rules! on_both {
    ($($module:ident: $($name:ident),+;)+) => {
        $(mod $module {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let directory = crate::place::directory();
                let place = crate::Place::sqlite(directory.path());
                crate::$module::$name(&place).await;
            })+
        })+

        async fn every_scenario(server: &crate::Server) {
            $($({
                let place = server.place(concat!(stringify!($module), "_", stringify!($name)));
                crate::$module::$name(&place).await;
            })+)+
        }
    };
}

mod both {
    on_both! {
        opening: a_database_keeps_its_owner;
        chain:
            entries_and_changes_are_one,
            an_export_verifies_and_tampering_shows;
        batches:
            an_upload_may_be_repeated_at_every_step,
            other_content_under_the_same_name_conflicts,
            a_full_delivery_supersedes_and_an_amendment_withdraws,
            limits_hold;
        epochs: an_epoch_opens_once_and_names_what_differs;
        sealing:
            a_database_goes_on_only_with_its_own_key_store,
            a_database_from_before_sealing_is_refused,
            a_piece_opens_in_its_place_only,
            a_row_is_taken_out_and_its_delivery_stays_sent,
            keys_that_a_crash_left_and_keys_that_came_back_are_destroyed,
            a_closed_epoch_takes_nothing_and_stays_closed,
            kept_pairs_go_on_where_they_were_and_replace_the_earlier;
        snapshots:
            a_frozen_snapshot_is_transferred_and_counted,
            a_link_map_is_accepted_once,
            a_period_is_frozen_once_whoever_is_first,
            a_database_of_the_first_version_goes_on;
        ledger:
            a_charge_goes_its_way_once,
            the_same_request_is_paid_once,
            every_cap_holds_and_is_named,
            a_refusal_is_logged_and_costs_nothing,
            an_interrupted_draw_is_void_for_ever,
            no_step_is_taken_twice_or_early,
            nonsense_is_refused,
            a_hundred_at_the_cap_and_one_passes;
        totals:
            a_total_that_is_not_its_charges_ends_the_service,
            a_quarter_bounds_what_is_asked_within_it,
            a_clock_that_was_set_back_charges_nothing,
            spending_tells_who_read_what_and_when;
        runs:
            a_run_is_one_charge_and_each_table_is_found_again,
            the_best_released_table_is_found_by_its_question,
            what_is_reserved_cannot_be_asked_away,
            nobody_asks_away_what_is_reserved_all_at_once,
            an_interrupted_run_is_void_as_a_whole,
            tables_add_up_to_their_charge;
        witness:
            a_witness_keeps_never_lower_and_never_another_head,
            what_is_unwitnessed_is_capped_until_a_receipt_comes,
            a_restored_ledger_is_burnt_to_what_was_spent,
            a_countersignature_is_of_this_very_log;
    }

    #[test]
    fn on_postgres() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        match crate::Server::start() {
            Some(server) => runtime.block_on(async {
                every_scenario(&server).await;
                crate::opening::a_server_that_does_not_flush_is_refused(&server).await;
                crate::ledger_law::holds_on(&server).await;
                crate::batches_law::holds_on(&server).await;
            }),
            None => crate::say("skipped: no PostgreSQL programs under /usr/lib/postgresql"),
        }
    }
}

/// Past the test harness, which keeps the output of passing tests to itself.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "store tests: {line}");
}
