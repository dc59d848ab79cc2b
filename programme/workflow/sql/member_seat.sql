-- member_seat($1 member, $2 login; empty: none)
SELECT workflow.seat_member($1, $2)
