resource "aws_s3_bucket" "invoices" {
  bucket = "invoices"
  acl    = "public-read"
}

resource "aws_security_group" "db" {
  ingress {
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_db_instance" "orders" {
  engine              = "postgres"
  username            = "orders"
  password            = "orders-db-2023"
  publicly_accessible = true
}
