module Tools
  class Store
    SORTS = %w[name created_at].freeze

    def initialize(db)
      @db = db
    end

    def search(text, sort)
      dataset = @db[:items]
      dataset = dataset.where(Sequel.lit("name LIKE '%#{text}%'")) if text
      dataset = dataset.order(Sequel.lit(SORTS.include?(sort) ? sort : "name"))
      dataset.all
    end

    def user(name)
      @db[:users].where(name: name).first
    end

    def purge(table)
      @db.run("DELETE FROM #{table}")
    end
  end
end
