.import --csv table.csv imported
.mode csv
.headers on
SELECT *, typeof(number), number + 0 FROM imported;
.output out/customers.csv
SELECT * FROM customer ORDER BY name;
.output
.schema imported
.mode quote
SELECT upper(name), length(name), substr(name, -3), instr(name, '9'), quote(born), unicode(substr(name, -1)) FROM customer WHERE id BETWEEN 20 AND 25;
ATTACH 'out/second.db' AS second;
CREATE TABLE second.copy AS SELECT * FROM main.purchase WHERE price > 900;
SELECT count(*), sum(total) > 0 FROM second.copy;
PRAGMA second.integrity_check;
INSERT INTO customer(id, name) VALUES (1, 'again');
SELECT nonsense FROM customer;
