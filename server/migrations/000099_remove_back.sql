-- What was brought back can be removed again by whoever manages the container.

alter table data_acts drop constraint data_acts_act_check;
alter table data_acts add constraint data_acts_act_check
  check (act in ('rule', 'freeze', 'lift', 'describe', 'bring_back', 'remove_back', 'outside', 'inside', 'give_up', 'left', 'cleared'));
