-- $1 id · $2 campaign_id · $3 account_id · $4 at
with prospect as (
    insert into relink.prospects (id, workspace_id, name, handle, variables)
    select e.id, c.workspace_id, 'Prospect ' || e.number, 'prospect-' || replace(e.id::text, '-', ''),
           case when e.number % 3 = 0 then '{}' else jsonb_build_object('Company', 'Company ' || e.number) end
      from unnest($1::uuid[], $2::uuid[], $3::uuid[]) with ordinality as e(id, campaign_id, account_id, number)
      join relink.campaigns c on c.id = e.campaign_id
    returning id
)
insert into relink.enrollments (id, campaign_id, prospect_id, account_id, step, created_at, target, due_at)
select gen_random_uuid(), e.campaign_id, e.id, e.account_id, (1 + e.number % 3)::smallint, $4,
       'ACoAA' || translate(encode(uuid_send(e.id), 'base64'), '+/=', '-_'), $4
  from unnest($1::uuid[], $2::uuid[], $3::uuid[]) with ordinality as e(id, campaign_id, account_id, number)
