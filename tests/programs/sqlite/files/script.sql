.bail on
PRAGMA page_size = 1024;
CREATE TABLE customer(id INTEGER PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE, city TEXT, born DATE);
CREATE TABLE purchase(id INTEGER PRIMARY KEY AUTOINCREMENT, customer REFERENCES customer(id) ON DELETE CASCADE,
  item TEXT, price REAL CHECK(price >= 0), quantity INT, total REAL GENERATED ALWAYS AS (price * quantity) STORED);
CREATE INDEX by_customer ON purchase(customer, price DESC);
CREATE UNIQUE INDEX by_name ON customer(name) WHERE city IS NOT NULL;
CREATE TABLE log(what, how);
CREATE TRIGGER bought AFTER INSERT ON purchase WHEN new.total > 5000
  BEGIN INSERT INTO log VALUES('expensive', new.id); END;
CREATE VIEW spending AS SELECT name, city, count(*) AS n, round(sum(total), 2) AS total
  FROM customer JOIN purchase ON purchase.customer = customer.id GROUP BY customer.id;
BEGIN;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
INSERT INTO customer SELECT i, 'Customer ' || (i * 7919 % 997) || char(9731), CASE i % 5 WHEN 0 THEN NULL
  ELSE 'City ' || (i % 5) END, date('2000-01-01', i || ' days') FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
INSERT INTO purchase(customer, item, price, quantity) SELECT i * 31 % 300 + 1, printf('item-%05d', i * 17 % 4001),
  (i * 104729 % 100000) / 100.0, i % 13 + 1 FROM n;
COMMIT;
SELECT count(*), sum(quantity), round(avg(price), 6), min(total), max(total) FROM purchase;
SELECT * FROM spending ORDER BY total DESC LIMIT 7;
.mode column
SELECT city, count(DISTINCT name) AS customers, group_concat(DISTINCT quantity) FROM customer LEFT JOIN purchase
  ON customer.id = purchase.customer AND price > 990 GROUP BY city HAVING customers > 10 ORDER BY city NULLS LAST;
.mode json
SELECT item, price, rank() OVER w AS place, lag(price, 1, 0) OVER w AS previous, sum(price) OVER (w ROWS 2 PRECEDING)
  FROM purchase WHERE customer = 42 WINDOW w AS (PARTITION BY quantity ORDER BY price DESC) LIMIT 9;
.mode list
EXPLAIN QUERY PLAN SELECT * FROM purchase WHERE customer = 5 AND price > 3 ORDER BY price DESC;
UPDATE purchase SET price = price * 1.1 WHERE item GLOB 'item-0[1-3]*' AND customer IN (SELECT id FROM customer WHERE city LIKE '%2');
DELETE FROM customer WHERE id % 11 = 0;
PRAGMA foreign_keys = ON;
DELETE FROM customer WHERE id % 13 = 0;
SAVEPOINT a;
DELETE FROM purchase;
SELECT count(*), changes() FROM purchase;
ROLLBACK TO a;
RELEASE a;
SELECT count(*), total_changes() FROM purchase;
INSERT INTO customer(id, name) VALUES (5, 'twice') ON CONFLICT(id) DO UPDATE SET name = excluded.name || ' (' || name || ')' RETURNING *;
CREATE VIRTUAL TABLE texts USING fts5(title, body, tokenize = 'porter unicode61');
INSERT INTO texts SELECT item, 'running ' || item || ' runs with ' || quantity || ' boats' FROM purchase LIMIT 400;
INSERT INTO texts VALUES ('Wherry', 'A light rowing boat'), ('Überfahrt', 'Ein Boot über den Fluß');
SELECT title, snippet(texts, 1, '[', ']', '…', 6), round(bm25(texts), 4) FROM texts WHERE texts MATCH 'boat NOT run' ORDER BY rank;
CREATE VIRTUAL TABLE places USING rtree(id, x0, x1, y0, y1);
INSERT INTO places SELECT id, id % 20, id % 20 + 1.5, id / 20, id / 20 + 0.5 FROM customer;
SELECT count(*), group_concat(id) FROM places WHERE x0 > 3 AND x1 < 8.5 AND y0 BETWEEN 2 AND 5;
SELECT json_group_array(json_object('id', id, 'name', name)) FROM customer WHERE id < 4;
SELECT key, value, type FROM json_each('{"a": [1, 2.5, "☃"], "b": null, "c": {"d": 1e400}}');
SELECT 1/3.0, 1e300 * 1e10, -0.0, 9223372036854775807 + 1, 7 % -3, 5 / 2, 'abc' < 'ABD', x'00ff', hex(zeroblob(3)), typeof(2.0), CAST('12x' AS INT);
SELECT strftime('%Y-%m-%d %H:%M:%f %j %w', '2024-02-29 23:59:59.75', '+1 month'), julianday('2000-01-01'), unixepoch('1970-01-02');
SELECT sum(sqrt2 - 1.0), abs(-9e15), round(2.5), round(-1234.5678, 2) FROM (SELECT 1.4142135623730951 AS sqrt2 FROM customer);
ANALYZE;
SELECT tbl, idx, stat FROM sqlite_stat1 ORDER BY 1, 2;
VACUUM;
PRAGMA integrity_check;
PRAGMA page_count;
SELECT name, count(*), sum(pgsize) FROM dbstat GROUP BY name ORDER BY name;
