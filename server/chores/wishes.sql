-- name: end_others
-- Of a pull request one wish waits; who wants the same head again has it already.
-- $1 project, $2 number, $3 id, $4 head, $5 how it ended
update merge_wishes set ending = $5
 where project = $1 and number = $2 and id <> $3 and head_sha <> $4 and ending = '';

-- name: insert_wish
-- $1 id, $2 project, $3 repository, $4 number, $5 head, $6 by, $7 installation
insert into merge_wishes (id, project, repository, number, head_sha, asked_by, installation_id)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing;

-- name: end_wish
-- No row: none waited.
-- $1 project, $2 number, $3 how it ended
update merge_wishes set ending = $3 where project = $1 and number = $2 and ending = '' returning id;

-- name: untold_wishes
-- $1 project, $2 number
select id, project, repository, number, head_sha, asked_by as by, installation_id, ending from merge_wishes
 where project = $1 and number = $2
 order by asked_at, id;

-- name: waiting_for
-- $1 project, $2 head
select number from merge_wishes where project = $1 and head_sha = $2 and ending = '' order by number;

-- name: forget_wish
-- $1 id
delete from merge_wishes where id = $1;
