package com.acme.wallet.store;

import org.apache.ibatis.annotations.Mapper;
import org.apache.ibatis.annotations.Param;
import org.apache.ibatis.annotations.Select;

import java.util.List;

@Mapper
public interface TransferMapper {
    List<Transfer> search(@Param("note") String note);

    Transfer byId(@Param("id") long id);

    @Select("SELECT * FROM transfer ORDER BY ${column}")
    List<Transfer> ordered(@Param("column") String column);

    @Select("SELECT * FROM transfer WHERE from_wallet = #{wallet}")
    List<Transfer> of(@Param("wallet") long wallet);
}
