//! Notices as they stand after some nights: one that was taken, one that waits for the mail server, one that reached nobody.

use crate::interlock::Ground;

/// Writes them for the first two accounts of a fleet, the newest first: `day_1` of account 0 and its `first`, `first` of account 1.
pub async fn plant_notices(ground: &Ground) {
    let [one, other] = [0, 1].map(|nth| ground.accounts[nth].0);
    let sql = format!(
        "insert into relink.notices (account_id, episode, reason, step, created_at, due_at, state, why, tries, sending_at, message_id,
                                     smtp_code, trouble, ended_at)
         select w.account_id::uuid, 7, 'reconnect_needed', w.step, relink.clock() - w.age * interval '1 hour', relink.clock(), w.state,
                w.why, 1, relink.clock(), w.account_id || '.7.' || w.step, w.code, w.trouble,
                case when w.state <> 'planned' then relink.clock() end
           from (values ('{one}', 1::smallint, 1, 'planned', null, 535::smallint, 'login'),
                        ('{one}', 0::smallint, 2, 'sent', null, 250::smallint, null),
                        ('{other}', 0::smallint, 3, 'failed', 'undeliverable', 550::smallint, null))
             as w(account_id, step, age, state, why, code, trouble)"
    );
    ground.sql(&sql).await;
    let addresses = "update relink.accounts set owner_email = name || '@example.net'";
    ground.sql(addresses).await;
}
